import * as z from "zod";
import { isOneNode, smallestVolume } from "../../sizing/volumes";
import { edgeCheck } from "../kubernetes/edge-options";
import { AbsolutePath, DnsLabel, HostName, NetworkRule, Positive, Quantity, Tls, exposure, flag } from "../kubernetes/options";
import { GatewayProxy, IngressController, Namespace as namespaceOptions } from "../kubernetes/workload-options";
import { checkServed } from "./served-options";

/** Where the data of Plinko lies, how it is reached, and who may reach it. */

export const Namespace = namespaceOptions("Plinko");

export const Global = z
  .strictObject({
    storageClass: DnsLabel.optional().meta({ description: "Class of the volume. Default: the cluster's." }),
    domain: HostName.optional().meta({
      description: "Domain below which wallet, API and CDN get hosts of their own: plinko-wallet., plinko-api. and plinko-cdn.",
    }),
    tls: z
      .strictObject({ enabled: flag(false, "Give each host a certificate, in the Secret <first label of the host>-tls.") })
      .prefault({})
      .meta({ description: "TLS of all hosts." }),
  })
  .prefault({})
  .meta({ description: "What several parts share." });

export const Persistence = z
  .strictObject({
    size: Quantity.default("20Gi").meta({ description: "Size of the volume." }),
    accessMode: z.enum(["ReadWriteOnce", "ReadWriteMany"]).default("ReadWriteOnce").meta({
      description:
        "How pods share the volume. ReadWriteMany: from any node, with a class of shared file storage. ReadWriteOnce: any class will do, and all pods with the volume run on one node.",
    }),
    existingClaim: DnsLabel.optional().meta({ description: "Claim that exists already, with that access mode. Default: one is made." }),
    retain: flag(false, "Leave volume and namespace in the cluster when Plinko is destroyed."),
  })
  .prefault({})
  .meta({ description: "Volume that generators, update service, PIR server and CDN share." });

/** A class that is known must have volumes of that size; many nodes need a class that can serve many nodes. */
export const checkVolume = (
  { persistence, global }: { persistence: z.output<typeof Persistence>; global: z.output<typeof Global> },
  context: z.RefinementCtx,
): void => {
  const wrong = (message: string, option = "accessMode") => context.addIssue({ code: "custom", path: ["persistence", option], message });
  if (persistence.existingClaim !== undefined) return;
  const smallest = smallestVolume(global.storageClass, persistence.size);
  const isShared = persistence.accessMode === "ReadWriteMany";
  if (isShared && global.storageClass === undefined) {
    wrong("ReadWriteMany needs a class of shared file storage: name it in global.storageClass, or take ReadWriteOnce");
  } else if (isShared && isOneNode(global.storageClass ?? "")) {
    wrong(
      `ReadWriteMany is not to be had of class "${global.storageClass}", which attaches a volume to one node only: name a class of shared file storage in global.storageClass (on Vultr: vultr-vfs-storage), or take ReadWriteOnce, which runs all pods with the volume on one node`,
    );
  } else if (smallest !== undefined) {
    wrong(`${persistence.size} is less than the smallest volume of class "${global.storageClass}": set it to ${smallest} or more`, "size");
  }
};

export const Security = z
  .strictObject({
    runAsUser: Positive.default(1000).meta({ description: "User of anvil, the generators, update service and PIR server." }),
    runAsGroup: Positive.default(1000).meta({ description: "Their group." }),
    fsGroup: Positive.default(1000).meta({ description: "Group of the volumes." }),
  })
  .prefault({})
  .meta({ description: "Users of the containers." });

/** Services that the Ingress can lead to, by the names of seed 002. */
export const SERVED = ["rabby-wallet", "pir-server", "cdn-mock"] as const;

const Path = z
  .strictObject({
    path: AbsolutePath.regex(/^\/[\w./-]*$/, { error: "is no plain path: use letters, digits, _, ., - and /" })
      .default("/")
      .meta({ description: "Beginning of the paths that lead there; it is taken off on the way." }),
    service: z
      .enum(SERVED, { error: `names no service: write ${SERVED.join(", ")}` })
      .meta({ description: "Service that gets the requests." }),
  })
  .meta({ description: "Path and the service behind it." });

const Host = z
  .strictObject({
    host: z
      .union([HostName, z.literal("")])
      .optional()
      .meta({ description: "Host; any host if left out or empty." }),
    paths: z.array(Path).min(1, { error: 'is empty: name a path, such as { path: "/", service: "rabby-wallet" }' }),
  })
  .meta({ description: "Host and what its paths lead to." });
export type Host = z.output<typeof Host>;

const edge = exposure([], "10m", 60);

export const Ingress = z
  .strictObject({
    ...edge,
    hosts: z
      .array(Host)
      .min(1, { error: "is empty: name a host, or set ingress.enabled to false" })
      .optional()
      .meta({ description: "Hosts. Default: those of global.domain, else one rule for any host with /api, /cdn and /." }),
    forceSslRedirect: z.boolean().optional().meta({ description: "Send HTTP to HTTPS although the certificate is at a load balancer." }),
    cors: z
      .strictObject({
        enabled: flag(true, "Answer CORS at the edge."),
        origin: z.string().min(1).default("*").meta({ description: "Origins that are allowed." }),
      })
      .prefault({})
      .meta({ description: "Cross-origin requests." }),
  })
  .superRefine(edgeCheck(edge))
  .superRefine(({ annotations }, context) => {
    for (const key of Object.keys(annotations).filter((key) => key.startsWith("service.beta.kubernetes.io/"))) {
      context.addIssue({
        code: "custom",
        path: ["annotations", key],
        message:
          "does nothing on an Ingress: it belongs on the Service of the ingress controller, or of the Gateway that the platform makes",
      });
    }
  })
  .prefault({})
  .meta({ description: "Ingress." });

/** The hosts and certificates that are meant, all defaults resolved. */
export const edgeOf = (
  global: z.output<typeof Global>,
  ingress: z.output<typeof Ingress>,
): { hosts: Host[]; tls: z.output<typeof Tls>[] } => {
  const { domain } = global;
  const one = (label: string, service: Host["paths"][number]["service"]): Host => ({
    host: `plinko-${label}.${domain}`,
    paths: [{ path: "/", service }],
  });
  const any: Host = {
    paths: [
      { path: "/api", service: "pir-server" },
      { path: "/cdn", service: "cdn-mock" },
      { path: "/", service: "rabby-wallet" },
    ],
  };
  const own = domain === undefined ? [any] : [one("wallet", "rabby-wallet"), one("api", "pir-server"), one("cdn", "cdn-mock")];
  const hosts = ingress.hosts ?? own;
  const named = hosts.flatMap(({ host }) => (host ? [host] : []));
  const tls = named.map((host) => ({ secretName: `${host.replace("*.", "").split(".")[0]}-tls`, hosts: [host] }));
  return { hosts, tls: ingress.tls.length === 0 && global.tls.enabled ? tls : ingress.tls };
};

/** A certificate needs a host that it is for, and an issuer a certificate. */
export const checkEdge = (
  { global, ingress }: { global: z.output<typeof Global>; ingress: z.output<typeof Ingress> },
  context: z.RefinementCtx,
): void => {
  if (!ingress.enabled) return;
  const wrong = (path: string[], message: string, params?: object) => context.addIssue({ code: "custom", path, message, params });
  const { hosts, tls } = edgeOf(global, ingress);
  const served = hosts.flatMap(({ host }) => (host ? [host] : []));
  checkServed({ ...ingress, hosts }, wrong);
  if (ingress.hosts !== undefined && global.domain !== undefined) {
    wrong(["global", "domain"], `"${global.domain}" would be ignored, for ingress.hosts names the hosts: leave one of them out`);
  }
  if (global.tls.enabled && served.length === 0) {
    wrong(["global", "tls", "enabled"], "has no host to have a certificate for: set global.domain or ingress.hosts");
  }
  ingress.tls.forEach((entry, index) =>
    entry.hosts
      .filter((host) => !served.includes(host))
      .forEach((host) =>
        wrong(
          ["ingress", "tls", `${index}`, "hosts"],
          `"${host}" is not served (${served.join(", ") || "no host is named"}): name it in ingress.hosts or take it out here`,
        ),
      ),
  );
  if (ingress.clusterIssuer !== undefined && tls.length === 0) {
    wrong(
      ["ingress", "clusterIssuer"],
      `"${ingress.clusterIssuer}" has no certificate to issue: set global.tls.enabled, or name secret and hosts in ingress.tls`,
    );
  }
};

export const NetworkPolicy = z
  .strictObject({
    enabled: flag(true, "Whether there are NetworkPolicies, one a workload."),
    ingressController: IngressController("Who may call wallet, PIR server and CDN from outside."),
    gatewayProxy: GatewayProxy,
    ingress: z.array(NetworkRule).default([]).meta({ description: "Further callers of wallet, PIR server and CDN." }),
  })
  .prefault({})
  .meta({ description: "Who may talk to the pods, and to whom they may talk." });
