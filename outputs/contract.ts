import * as z from "zod";

const PlatformOutputs = z.strictObject({
  /** ClusterIssuers that certificates can be had from. */
  issuers: z.array(z.string().min(1)),
  /** The Gateway that routes attach to; nothing without a Gateway API edge. */
  gateway: z
    .strictObject({
      name: z.string().min(1),
      namespace: z.string().min(1),
      className: z.string().min(1),
      /** Listener (`sectionName`) for plain HTTP, of all hosts. */
      httpListener: z.string().min(1),
      /** Host to the listener for HTTPS of its routes; those that are the platform's own. */
      listeners: z.record(z.string(), z.string().min(1)),
      /** Labels of the proxies, which network policies let in from the Gateway's namespace. */
      proxyLabels: z.record(z.string(), z.string()),
      /** IP addresses or names that DNS records point to; empty where they are not ours to know. */
      addresses: z.array(z.string().min(1)),
    })
    .optional(),
  /** The IngressClass that is there; nothing without an Ingress edge. */
  ingress: z.strictObject({ className: z.string().min(1), namespace: z.string().min(1) }).optional(),
  secretStore: z.strictObject({ kind: z.literal("ClusterSecretStore"), name: z.string().min(1) }).optional(),
  /** There is a Prometheus operator, and ServiceMonitors are wanted; nothing without one. */
  monitoring: z
    .strictObject({
      prometheusUrl: z.url(),
      /** Labels without which ServiceMonitors are passed over. */
      serviceMonitorLabels: z.record(z.string(), z.string()),
      /** Address of Grafana inside the cluster, and the Secret beside it with `user` and `password`. */
      grafana: z.strictObject({ url: z.url(), secret: z.string().min(1) }).optional(),
    })
    .optional(),
  lokiUrl: z.url().optional(),
  /** Whether autoscalers learn the CPU and memory of pods. */
  resourceMetrics: z.boolean(),
  /** Further metrics of pods that autoscalers can ask for. */
  customMetrics: z.array(z.string().min(1)),
  linkerd: z.strictObject({ namespace: z.string().min(1), cni: z.boolean() }).optional(),
  storageClasses: z.array(z.string().min(1)),
  defaultStorageClass: z.string().min(1).optional(),
  snapshotClasses: z.array(z.string().min(1)),
  /** Velero's namespace, where schedules of backups belong, and whether it takes snapshots of volumes; nothing without Velero. */
  backups: z.strictObject({ namespace: z.string().min(1), snapshots: z.boolean() }).optional(),
});

const DotdoOutputs = z.strictObject({
  /** Address inside the cluster. */
  url: z.url(),
  /** Addresses outside, one a host of its Ingress. */
  hosts: z.array(z.url()),
  namespace: z.string().min(1),
  service: z.string().min(1),
  /** Name that resolves to the pods themselves. */
  headlessService: z.string().min(1),
  /** Image with its tag or digest, for another home of the same dotdo. A stack of before it was shared has none. */
  image: z.string().min(1).optional(),
  /** Variables that are the same at every home, as far as they mean something outside this cluster. A stack of before has none. */
  env: z
    .strictObject({
      TURSO_URL: z.string().min(1).optional(),
      R2_ENDPOINT: z.string().min(1).optional(),
      R2_BUCKET: z.string().min(1).optional(),
      REDIS_URL: z.string().min(1).optional(),
      DO_IDLE_TIMEOUT: z.int().min(1).optional(),
      DO_RPC_TIMEOUT: z.int().min(1).optional(),
    })
    .optional(),
});

const Secret = z.string().min(1);

/**
 * Secret values of each system, for its other homes and its clients. They stand apart from all that is plain, because Pulumi tells a reader
 * only of a whole output whether it is secret.
 */
const SecretValues = z.strictObject({
  dotdo: z
    .strictObject({
      tursoToken: Secret.optional(),
      r2AccessKey: Secret.optional(),
      r2SecretKey: Secret.optional(),
      redisPassword: Secret.optional(),
      apiKey: Secret.optional(),
    })
    .optional(),
});

const TenantOutputs = z.strictObject({
  /** Address inside the cluster, `ws://…`. */
  url: z.url(),
  /** Address outside, `wss://…`; nothing without an Ingress. */
  outsideUrl: z.url().optional(),
  namespace: z.string().min(1),
  service: z.string().min(1),
  /** Name of the Secret, in that namespace, that has the key. */
  secret: z.string().min(1),
  /** Name of the claim; nothing where none was made. */
  claim: z.string().min(1).optional(),
  /** Labels that let a pod of any namespace connect. */
  clientLabels: z.record(z.string(), z.string()),
});

const PlinkoOutputs = z.strictObject({
  /** Address of the wallet inside the cluster. */
  url: z.url(),
  /** Addresses outside, one a host that its Ingress names. */
  hosts: z.array(z.url()),
  /** IP address or name that the Ingress is reached under; empty while it has none. */
  address: z.string(),
  namespace: z.string().min(1),
  /** Service of each workload. */
  services: z.record(z.string(), z.string().min(1)),
  /** Jobs that made the data. */
  jobs: z.array(z.string().min(1)),
  claim: z.string().min(1),
});

const StarterOutputs = z.strictObject({
  /** Addresses inside the cluster, of web and of the API. */
  url: z.url(),
  apiUrl: z.url(),
  /** Addresses outside, one a host of the Ingresses of web and of the API. */
  hosts: z.array(z.url()),
  apiHosts: z.array(z.url()),
  namespace: z.string().min(1),
  webService: z.string().min(1),
  apiService: z.string().min(1),
});

/** What a stack exports: a contract with whoever reads it. Names that have landed stay. */
export const StackOutputs = z.strictObject({
  cluster: z.strictObject({ context: z.string().min(1), uid: z.string().min(1) }),
  // a layer only where the stack deploys it
  platform: PlatformOutputs.optional(),
  dotdo: DotdoOutputs.optional(),
  fluxiondb: z.strictObject({ tenants: z.record(z.string(), TenantOutputs) }).optional(),
  plinko: PlinkoOutputs.optional(),
  starter: StarterOutputs.optional(),
  /** What the sections name of `stackyard:secrets` and other stacks may read; nothing where they name none. */
  secrets: SecretValues.optional(),
  /** DNS records that its hosts need; `type` and `value` are left out where the address is not known (yet). */
  dns: z
    .array(
      z.strictObject({ name: z.string().min(1), type: z.enum(["A", "AAAA", "CNAME"]).optional(), value: z.string().min(1).optional() }),
    )
    .optional(), // stacks that were last brought up before it landed have none, and are read all the same
  /** Objects that a destroy leaves in the cluster, because they hold data. */
  kept: z.array(z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() })),
});

export type StackOutputs = z.output<typeof StackOutputs>;

/** Outputs of which every leaf is secret, and which are refused in clear; all others are plain, and refused as a secret. */
export const SECRET_OUTPUTS = ["secrets"] as const satisfies readonly (keyof StackOutputs)[];
export type SecretOutput = (typeof SECRET_OUTPUTS)[number];
export const isSecretOutput = (name: string): name is SecretOutput => SECRET_OUTPUTS.some((secret) => secret === name);
