import * as z from "zod";
import { millicores } from "../../sizing/cpu";
import { bytes } from "../../sizing/quantity";

/**
 * What systems share in their options. Each fragment carries its description, which becomes the JSON Schema that editors read,
 * and refuses with the value given and what is accepted.
 */

const say =
  (what: string) =>
  ({ input }: { readonly input?: unknown }) =>
    `${JSON.stringify(input)} is no ${what}`;

/** A string of one form; the same pattern checks here and in editors. */
export const text = (pattern: RegExp, what: string) => z.string({ error: say(what) }).regex(pattern);

/** A switch with its default. */
export const flag = (value: boolean, description: string) => z.boolean().default(value).meta({ description });

const measured = (pattern: RegExp, measure: (value: string) => number, what: string) =>
  text(pattern, what).refine(
    (value) => {
      try {
        return measure(value) > 0;
      } catch {
        return !pattern.test(value); // said by the pattern already
      }
    },
    { error: say(what) },
  );

export const Quantity = measured(
  /^\d+(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/,
  bytes,
  "size: write a whole number of bytes with a unit, such as 512Mi or 4Gi",
).meta({ description: "Memory or storage as a Kubernetes quantity, such as 512Mi or 4Gi." });

export const CpuQuantity = measured(
  /^(\d+m|\d+(\.\d{1,3})?)$/,
  millicores,
  'amount of CPU: write cores or thousandths of a core as text, such as "2", "0.5" or "250m"',
).meta({ description: 'CPU as a Kubernetes quantity, such as "2" or "250m".' });

export const DnsLabel = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'name: use 1 to 63 of a-z, 0-9 and "-", no dash at either end').meta({
  description: "Name of a Kubernetes object.",
});

export const HostName = text(
  /^(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "host name: write lower-case labels joined by dots, such as do.example.com or *.example.com, without scheme, port or path",
).meta({ description: "DNS name, such as do.example.com." });

const PORT = { error: say("port: write a whole number from 1 to 65535") };
export const Port = z.int(PORT).min(1).max(65535).meta({ description: "TCP port, 1 to 65535." });

const COUNT = { error: say("number here: write a whole number from 0 on") };
export const Count = z.int(COUNT).min(0);
const POSITIVE = { error: say("number here: write a whole number from 1 on") };
export const Positive = z.int(POSITIVE).min(1);
export const Seconds = Count.meta({ description: "Seconds." });

const SHARE = 'number or share of pods: write a whole number, or "0%" to "100%"';
export const CountOrPercent = z
  .union([z.int({ error: say(SHARE) }).min(0), text(/^(\d|[1-9]\d|100)%$/, SHARE)], { error: say(SHARE) })
  .meta({ description: 'A number of pods, or a share such as "25%".' });

export const Duration = text(/^([0-9]+(h|m|s|ms))+$/, "duration: write a number with a unit, such as 30s or 1m").meta({
  description: "Duration, such as 30s.",
});

export const AbsolutePath = text(/^\/[^\0]*$/, "absolute path: it starts with /").meta({ description: "Absolute path." });

const IMAGE = String.raw`([a-z0-9.-]+(:\d+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*`;
const TAG = String.raw`[\w][\w.-]{0,127}`;
const DIGEST = "sha256:[0-9a-f]{64}";

/** An image in one string. There is no default tag, so that no two environments differ by accident. */
export const Image = text(
  new RegExp(`^${IMAGE}(:${TAG}(@${DIGEST})?|@${DIGEST})$`),
  "image with a tag or digest: write it like registry.example.com/team/app:1.2.3 or …/app@sha256:<64 hex digits>",
).meta({ description: "Image with its tag, its digest or both." });

/** An image in parts whose version may be said elsewhere. */
export const UnnamedImage = (repository: string) =>
  z
    .strictObject({
      repository: text(new RegExp(`^${IMAGE}$`), "image repository: write it like registry.example.com/team/app, the tag goes into `tag`")
        .default(repository)
        .meta({ description: "Repository of the image, without tag." }),
      tag: text(new RegExp(`^${TAG}$`), "image tag: use letters, digits, _, . and -, at most 128 characters")
        .optional()
        .meta({ description: "Tag of the image. There is no default: name the version you mean." }),
      digest: text(new RegExp(`^${DIGEST}$`), "image digest: write sha256: and 64 hex digits")
        .optional()
        .meta({ description: "Digest of the image; with a tag, the digest decides." }),
      pullPolicy: z.enum(["IfNotPresent", "Always", "Never"]).default("IfNotPresent").meta({ description: "When a node pulls the image." }),
    })
    .meta({ description: "Image of the container." });

/** What is wrong with an image that has neither tag nor digest, at its `tag`. */
export const NO_VERSION = "is missing: there is no default tag, so set `tag` (such as 1.2.3) or `digest` (sha256:…)";
export const hasVersion = ({ tag, digest }: { readonly tag?: string; readonly digest?: string }): boolean =>
  tag !== undefined || digest !== undefined;

/** An image in parts, as charts write it: the repository has a default, tag and digest have none. */
export const ImageParts = (repository: string) =>
  UnnamedImage(repository)
    .refine(hasVersion, { path: ["tag"], error: NO_VERSION })
    .meta({ description: "Image of the container." });

/** The one string that a pod names an image by. */
export const imageOf = ({ repository, tag, digest }: { repository: string; tag?: string; digest?: string }): string =>
  `${repository}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;

/** The same the other way. */
export function imagePartsOf(image: string): { repository: string; tag?: string; digest?: string } {
  const { repository = image, tag, digest } = /^(?<repository>.*?)(?::(?<tag>[^:/@]+))?(?:@(?<digest>.+))?$/.exec(image)?.groups ?? {};
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

const KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const map = <Value extends z.ZodType>(value: Value, what: string) =>
  z.record(z.string().regex(KEY), value, {
    error: ({ code, input }) =>
      code === "invalid_key"
        ? say(`key of a label or annotation: write it like team or example.com/team`)({ input })
        : say(`map of ${what}: write key: value`)({ input }),
  });

export const Labels = map(
  text(/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/, "label value: use at most 63 letters, digits, _, . and -, as text"),
  "labels",
).meta({ description: "Labels, key to value." });
export const Annotations = map(
  z.string({ error: say('annotation value: write it as text, in quotes ("true", "3600")') }),
  "annotations",
).meta({ description: "Annotations, key to value." });

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** Whether one amount is more than another; what is no amount has been said already. */
export const isMore = (measure: (amount: string) => number, amount: string, limit: string): boolean => {
  try {
    return measure(amount) > measure(limit);
  } catch {
    return false;
  }
};

/** Requests and limits of one container; each default is this container's own. */
export const Resources = (requests: Amounts, limits: Amounts) =>
  z
    .strictObject({
      requests: z
        .strictObject({ cpu: CpuQuantity.default(requests.cpu), memory: Quantity.default(requests.memory) })
        .prefault({})
        .meta({ description: "What a node must have free." }),
      limits: z
        .strictObject({ cpu: CpuQuantity.default(limits.cpu), memory: Quantity.default(limits.memory) })
        .prefault({})
        .meta({ description: "What the container may use at most." }),
    })
    .superRefine(({ requests, limits }, context) => {
      const over = (part: "cpu" | "memory") =>
        context.addIssue({
          code: "custom",
          path: ["requests", part],
          message: `${requests[part]} is more than the limit of ${limits[part]}: lower the request or raise limits.${part}`,
        });
      if (isMore(millicores, requests.cpu, limits.cpu)) over("cpu");
      if (isMore(bytes, requests.memory, limits.memory)) over("memory");
    })
    .prefault({})
    .meta({ description: "Resources of the container." });

interface ProbeDefaults {
  readonly enabled?: boolean;
  readonly path: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** An HTTP probe of the container's main port. */
export const HttpProbe = (defaults: ProbeDefaults, description: string) =>
  z
    .strictObject({
      enabled: z
        .boolean()
        .default(defaults.enabled ?? true)
        .meta({ description: "Whether the kubelet asks at all." }),
      path: AbsolutePath.default(defaults.path).meta({ description: "Path that is asked with GET." }),
      initialDelaySeconds: Seconds.default(defaults.initialDelaySeconds).meta({ description: "Seconds before the first try." }),
      periodSeconds: Positive.default(defaults.periodSeconds).meta({ description: "Seconds between tries." }),
      timeoutSeconds: Positive.default(defaults.timeoutSeconds).meta({ description: "Seconds until a try counts as failed." }),
      failureThreshold: Positive.default(defaults.failureThreshold).meta({ description: "Failed tries in a row that count." }),
    })
    .prefault({})
    .meta({ description });
export type HttpProbe = z.output<ReturnType<typeof HttpProbe>>;

export const Toleration = z
  .strictObject({
    key: z.string().optional().meta({ description: "Key of the taint; all keys if left out." }),
    operator: z.enum(["Exists", "Equal"]).optional().meta({ description: "Whether the value matters. Default: Equal." }),
    value: z.string().optional().meta({ description: "Value of the taint, for Equal." }),
    effect: z
      .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
      .optional()
      .meta({ description: "Effect of the taint; all if left out." }),
    tolerationSeconds: Seconds.optional().meta({ description: "Seconds a pod may stay, for NoExecute." }),
  })
  .meta({ description: "Taint that pods tolerate." });

const Cidr = z.union([z.cidrv4(), z.cidrv6()], { error: say("address range: write it like 10.0.0.0/8 or 2001:db8::/32") });

/** Who is on the other side of a connection. */
export const NetworkPeer = z
  .strictObject({
    namespace: DnsLabel.optional().meta({
      description: "Pods of this namespace, found by the label kubernetes.io/metadata.name that each namespace carries.",
    }),
    namespaceLabels: Labels.optional().meta({ description: "Pods of the namespaces with these labels." }),
    podLabels: Labels.optional().meta({ description: "Pods with these labels; alone, of the same namespace." }),
    cidr: Cidr.optional().meta({ description: "Addresses in this range." }),
    except: z.array(Cidr).optional().meta({ description: "Addresses of `cidr` that are left out." }),
  })
  .superRefine((peer, context) => {
    const pods = [peer.namespace, peer.namespaceLabels, peer.podLabels].some((part) => part !== undefined);
    const wrong = (message: string) => context.addIssue({ code: "custom", message });
    if (pods === (peer.cidr !== undefined)) wrong("names either pods (namespace, namespaceLabels, podLabels) or addresses (cidr)");
    if (peer.except && !peer.cidr) wrong("`except` leaves addresses out of `cidr`: set that, too");
    if (peer.namespace && peer.namespaceLabels) wrong("takes `namespace` or `namespaceLabels`, not both");
  })
  .meta({ description: "Pods by namespace and labels, or a range of addresses." });

/** One rule; who is meant stands in it always, for Kubernetes takes an empty list for everybody. */
export const NetworkRule = z
  .strictObject({
    peers: z
      .union([z.literal("anywhere"), z.array(NetworkPeer).min(1, { error: 'is empty: name peers, or write "anywhere"' })])
      .meta({ description: 'Peers that the rule allows, or "anywhere".' }),
    ports: z.array(Port).min(1, { error: "is empty: name the ports" }).optional().meta({ description: "TCP ports; all if left out." }),
  })
  .meta({ description: "Connections that are allowed." });
export type NetworkRule = z.output<typeof NetworkRule>;

const IngressPath = z.strictObject({
  path: AbsolutePath.default("/").meta({ description: "Path that is served." }),
  pathType: z.enum(["Prefix", "Exact", "ImplementationSpecific"]).default("Prefix").meta({ description: "How the path is compared." }),
});

export const IngressHost = z
  .strictObject({
    host: HostName,
    paths: z
      .array(IngressPath)
      .min(1, { error: 'is empty: name a path, such as { path: "/" }' })
      .prefault([{}])
      .meta({ description: "Paths of the host. Default: all." }),
  })
  .meta({ description: "Host and the paths of it that are served." });

export const Tls = z
  .strictObject({
    secretName: DnsLabel.meta({ description: "Secret that holds the certificate, or that cert-manager writes it to." }),
    hosts: z
      .array(HostName)
      .min(1, { error: "is empty: name the hosts that the certificate is for" })
      .meta({ description: "Hosts of the certificate." }),
  })
  .meta({ description: "Certificate and the hosts it is for." });

const SIZE = text(/^\d+[kmg]?$/, "nginx size: write a whole number with k, m or g, such as 50m; 0 lifts the limit");

/** A Gateway of the Gateway API, run by Envoy Gateway. */
export const GatewayRef = z
  .strictObject({
    name: DnsLabel.meta({ description: "Name of the Gateway." }),
    namespace: DnsLabel.meta({ description: "Namespace of the Gateway." }),
  })
  .meta({ description: "Gateway of Envoy Gateway that serves the hosts instead of an Ingress, by HTTPRoutes attached to it." });

/** How a system is reached from outside: by an Ingress, or by HTTPRoutes where a Gateway is named. */
export const exposure = (hosts: z.input<typeof IngressHost>[], bodySize: string, timeoutSeconds: number) => ({
  enabled: z.boolean().default(true).meta({ description: "Whether there is an Ingress." }),
  className: DnsLabel.default("nginx").meta({ description: "IngressClass that serves it." }),
  controller: z.enum(["nginx", "other"]).optional().meta({
    description:
      "Who serves the class: ingress-nginx, which is told by annotations, or a controller that does not know them. Default: nginx for class nginx, else other.",
  }),
  gateway: GatewayRef.optional(),
  annotations: Annotations.default({}).meta({ description: "Further annotations of the Ingress; they win over those made from options." }),
  hosts: z
    .array(IngressHost)
    .min(1, { error: "is empty: name a host, or set ingress.enabled to false" })
    .prefault(hosts)
    .meta({ description: "Hosts that are served." }),
  tls: z.array(Tls).default([]).meta({ description: "Certificates. Empty: plain HTTP." }),
  clusterIssuer: DnsLabel.optional().meta({ description: "cert-manager ClusterIssuer that obtains the certificates." }),
  sslRedirect: z.boolean().optional().meta({ description: "Send HTTP to HTTPS. Default: only where there is a certificate." }),
  bodySize: SIZE.default(bodySize).meta({ description: "Largest request body, as nginx writes sizes." }),
  readTimeoutSeconds: Positive.default(timeoutSeconds).meta({ description: "Seconds that a pod may send nothing on an open connection." }),
  sendTimeoutSeconds: Positive.default(timeoutSeconds).meta({ description: "Seconds that a pod may take nothing on an open connection." }),
});

/** Certificates are for hosts that are served, and an issuer has something to issue. */
export const checkTls = (
  { hosts, tls, clusterIssuer }: { hosts: { host: string }[]; tls: z.output<typeof Tls>[]; clusterIssuer?: string },
  context: z.RefinementCtx,
): void => {
  const served = hosts.map(({ host }) => host);
  tls.forEach((entry, index) =>
    entry.hosts
      .filter((host) => !served.includes(host))
      .forEach((host) =>
        context.addIssue({
          code: "custom",
          path: ["tls", index, "hosts"],
          message: `"${host}" is not among ingress.hosts (${served.join(", ")}): add it there or take it out here`,
        }),
      ),
  );
  if (clusterIssuer !== undefined && tls.length === 0) {
    context.addIssue({
      code: "custom",
      path: ["clusterIssuer"],
      message: `"${clusterIssuer}" has no certificate to issue: name secret and hosts in ingress.tls`,
    });
  }
};

/** Part of a Kubernetes object that goes into the pod as it is written. */
export const Raw = (kind: string) =>
  z
    .array(z.looseObject({ name: z.string({ error: `${kind} needs a name` }).meta({ description: "Name." }) }))
    .meta({ description: `Kubernetes ${kind} objects, as they are.` });
