import { drop, put, unknown, type Case, type Fixture } from "../case";
import { changed, object } from "./wired";
import { release } from "./releases";

const of = (system: string, component: string, values: object) =>
  release(values, [`stackyard:${system}:${component}`], `${system}-release`);
const database = (values: object = {}): Fixture => ({
  ...of("fluxiondb", "FluxionDbChart", {
    replicaCount: 1,
    autoscaling: { enabled: false },
    resources: { requests: { memory: "2Gi" }, limits: { memory: "2048Mi" } },
    persistence: { enabled: true, existingClaim: "claim" },
    ...values,
  }),
  name: "fluxiondb-alice-release",
});
const claim = (storage: string, annotations: object = {}) =>
  object(
    "core/v1:PersistentVolumeClaim",
    "claim",
    { resources: { requests: { storage } } },
    { metadata: { name: "claim", namespace: "example", annotations } },
  );
const STORAGE = "stackyard.dev/storage";
const memory = (by: string, resources: object, problem: string) => ({
  by,
  change: put("values.resources", resources),
  finds: [{ tenant: "alice", field: "values.resources.requests.memory", problem }],
});
const ofClaim = (by: string, storage: string, annotations: object = {}) => ({
  by,
  change: (stack: Fixture[]) => void stack.splice(1, 1, claim(storage, annotations)),
  finds: [
    {
      tenant: "alice",
      field: "values.persistence.existingClaim",
      problem: `is PersistentVolumeClaim example/claim of ${storage}, and has to be twice the RAM of 2048Mi: 4Gi`,
    },
  ],
});
const size = (is: string) => [
  { tenant: "alice", field: "values.persistence.size", problem: `is ${is}, and has to be twice the RAM of 2048Mi: 4Gi` },
];

const NGINX = "nginx.ingress.kubernetes.io";
const dotdo = (values: object = {}) =>
  of("dotdo", "DotdoChart", { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 200 }, ...values });
const ingress = (annotations: object) => dotdo({ ingress: { annotations } });
const [KEY, AFFINITY] = [`${NGINX}/upstream-hash-by`, `${NGINX}/affinity`];
const annotation = (name: string) => `values.ingress.annotations["${name}"]`;
const cookie = { field: `values.ingress.annotations.${AFFINITY}`, problem: 'is "cookie" beside a hash, and has to be null' };
const joined = (key: string) => ({
  field: `values.ingress.annotations.${KEY}`,
  problem: `is "${key}", and has to be one variable`,
});
const ofChart = [joined("$http_x_do_id$request_uri"), cookie];

const plinko = of("plinko", "PlinkoChart", {
  persistence: { accessMode: "ReadWriteMany", storageClass: "efs-retain" },
  config: { dbSize: "8388608" },
});
const number = (dbSize: number) => ({
  by: `${dbSize}`,
  change: put("values.config.dbSize", dbSize),
  finds: [{ field: "values.config.dbSize", problem: `is the number ${dbSize}, and has to be text` }],
});
const starter = (externalSecrets: object) => of("starter", "StarterChart", { externalSecrets });
const DATA = { data: { DATABASE_URL: "production/database" } };
const scaled = (autoscaling: object, api: number | null = 2, web = api) =>
  of("starter", "StarterChart", { autoscaling, api: { replicaCount: api }, web: { replicaCount: web } });
const replicas = (component: string, is: number | string) => ({
  field: `values.${component}.replicaCount`,
  problem: `is ${is}, beside an autoscaler`,
});
const noStore = [{ field: "values.externalSecrets.secretStoreRef.name", problem: "is missing, and External Secrets are on" }];

export const chartValues = {
  "fluxiondb-chart-one-pod": {
    valid: [
      [database()],
      [database({ replicaCount: 0 })],
      [database({ replicaCount: undefined, autoscaling: undefined })],
      [release({ replicaCount: 3 })],
    ],
    mutations: [
      {
        by: "2 replicas",
        change: put("values.replicaCount", 2),
        finds: [{ tenant: "alice", field: "values.replicaCount", problem: "is 2, and has to be 1" }],
      },
      {
        by: "an autoscaler",
        change: put("values.autoscaling.enabled", true),
        finds: [{ tenant: "alice", field: "values.autoscaling.enabled", problem: "is true, and a database is never scaled out" }],
      },
      {
        by: "replicas that are not known yet",
        change: put("values.replicaCount", unknown),
        finds: [{ field: "values.replicaCount", problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "fluxiondb-chart-memory": {
    valid: [[database()], [release({})]],
    mutations: [
      memory("less requested", { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } }, "is 1Gi, and has to be the limit, which is 2Gi"),
      memory("none requested", { limits: { memory: "2Gi" } }, "is missing, and has to be the limit, which is 2Gi"),
      memory("no limit", { requests: { memory: "1Gi" } }, "is 1Gi, and has to be the limit, which is missing"),
    ],
  },
  "fluxiondb-chart-storage": {
    valid: [
      [database(), claim("4Gi")],
      [database(), claim("10Gi", { [STORAGE]: "10240Mi" })],
      [database()],
      [database({ persistence: { enabled: true, existingClaim: "", size: "4096Mi" } })],
      [database({ persistence: { enabled: false } })],
      [database({ resources: {}, persistence: { size: "1Gi" } })],
      [release({ persistence: { size: "1Gi" }, resources: { limits: { memory: "1Gi" } } })],
      changed([database(), claim("1Gi")], "namespace", "elsewhere"),
    ],
    mutations: [
      ofClaim("three times the RAM", "6Gi"),
      ofClaim("less than twice the RAM", "3Gi"),
      ofClaim("less than twice the RAM, though it was asked for", "3Gi", { [STORAGE]: "3Gi" }),
      ofClaim("more than was asked for", "12Gi", { [STORAGE]: "10Gi" }),
      { by: "another size", of: 3, change: put("values.persistence.size", "6Gi"), finds: size("6Gi") },
      { by: "no size", of: 3, change: drop("values.persistence.size"), finds: size("missing") },
      { by: "no word of persistence", of: 3, change: drop("values.persistence"), finds: size("missing") },
    ],
  },
  "dotdo-chart-scaling": {
    valid: [
      [dotdo()],
      [dotdo({ autoscaling: { enabled: false, minReplicas: 1, maxReplicas: 300 } })],
      [dotdo({ autoscaling: {} })],
      [release({ autoscaling: { minReplicas: 1 } })],
    ],
    mutations: [
      {
        by: "minReplicas 1",
        change: put("values.autoscaling.minReplicas", 1),
        finds: [{ field: "values.autoscaling.minReplicas", problem: "is 1, and has to be at least 2" }],
      },
      {
        by: "maxReplicas 201",
        change: put("values.autoscaling.maxReplicas", 201),
        finds: [{ field: "values.autoscaling.maxReplicas", problem: "is 201, and has to be at most 200" }],
      },
      {
        by: "minReplicas 1, with autoscaling on by itself",
        of: 2,
        change: put("values.autoscaling.minReplicas", 1),
        finds: [{ field: "values.autoscaling.minReplicas", problem: "is 1, and has to be at least 2" }],
      },
    ],
  },
  "dotdo-chart-hash": {
    valid: [
      [ingress({ [KEY]: "$http_x_do_id", [AFFINITY]: null })],
      [ingress({ [KEY]: "${dotdo_hash_key}", [AFFINITY]: null })],
      [ingress({ [KEY]: null, [AFFINITY]: "cookie" })],
      [dotdo({ ingress: { enabled: false } })],
      [release({})],
    ],
    mutations: [
      { by: "cookie affinity", change: put(annotation(AFFINITY), "cookie"), finds: [cookie] },
      { by: "the chart's own cookie", change: drop(annotation(AFFINITY)), finds: [cookie] },
      { by: "the chart's own key", change: drop(annotation(KEY)), finds: [joined("$http_x_do_id$request_uri")] },
      { by: "no annotations", change: put("values.ingress", { enabled: true }), finds: ofChart },
      { by: "no word of the Ingress", change: put("values", {}), finds: ofChart },
      { by: "no values", change: drop("values"), finds: ofChart },
      ...["$http_x_do_id$request_uri", "dotdo", "-$a", "$a-"].map((key) => ({
        by: `hash key ${key}`,
        change: put(annotation(KEY), key),
        finds: [joined(key)],
      })),
      {
        by: "a key that is not known yet",
        change: put(annotation(KEY), unknown),
        finds: [{ field: `values.ingress.annotations.${KEY}`, problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "plinko-chart-volume": {
    valid: [
      [plinko],
      changed([plinko], "values.persistence.storageClass", null),
      changed([plinko], "values.persistence", { accessMode: "ReadWriteOnce", storageClass: "gp3-retain" }),
      [release({ persistence: { accessMode: "ReadWriteMany", storageClass: "gp3" } })],
    ],
    mutations: [
      {
        by: "a class of volumes of one node",
        change: put("values.persistence.storageClass", "gp3-retain"),
        finds: [{ field: "values.persistence.storageClass", problem: "is gp3-retain, whose volumes are of one node, for ReadWriteMany" }],
      },
    ],
  },
  "chart-numbers": {
    valid: [[plinko], changed([plinko], "values.config.dbSize", 999_999), [release({ runAsUser: 1_000_650_000 })]],
    mutations: [
      number(1_000_000),
      number(-1_000_000),
      ...(
        [
          ["fluxiondb", "FluxionDbChart"],
          ["dotdo", "DotdoChart"],
          ["starter", "StarterChart"],
        ] as const
      ).map(([system, component]) => ({
        by: `a million of ${system}`,
        change: (stack: Fixture[]) => void stack.splice(0, 1, of(system, component, { size: 1_000_000 })),
        finds: [{ field: "values.size", problem: "is the number 1000000, and has to be text" }],
      })),
    ],
  },
  "starter-chart-store": {
    valid: [
      [starter({ enabled: true, secretStoreRef: { name: "production" }, api: DATA })],
      [starter({ enabled: false, secretStoreRef: { name: "" }, api: DATA })],
      [starter({ enabled: true, secretStoreRef: { name: "" }, api: { data: {} } })],
      [release({ externalSecrets: { api: DATA } })],
    ],
    mutations: [
      { by: "an empty name", change: put("values.externalSecrets.secretStoreRef.name", ""), finds: noStore },
      { by: "no store", change: drop("values.externalSecrets.secretStoreRef"), finds: noStore },
      { by: "no store, on by itself", change: put("values.externalSecrets", { web: DATA }), finds: noStore },
      { by: "no store for the worker", change: put("values.externalSecrets", { worker: DATA }), finds: noStore },
    ],
  },
  "starter-chart-one-scaler": {
    valid: [
      [scaled({ enabled: true }, null, null)],
      [scaled({ enabled: false })],
      [scaled({})],
      [scaled({ enabled: true, api: { enabled: false }, web: { enabled: false } })],
      [of("starter", "StarterChart", { api: { replicaCount: 2 } })],
      [release({ autoscaling: { enabled: true }, api: { replicaCount: 2 } })],
    ],
    mutations: [
      { by: "replicas of the API", change: put("values.api.replicaCount", 2), finds: [replicas("api", 2)] },
      { by: "replicas of web", change: put("values.web.replicaCount", 3), finds: [replicas("web", 3)] },
      { by: "no word of them", change: drop("values.api"), finds: [replicas("api", "the chart's own")] },
      {
        by: "replicas of both, which are scaled",
        of: 3,
        change: put("values.autoscaling", { enabled: true, api: {}, web: { enabled: true } }),
        finds: [replicas("api", 2), replicas("web", 2)],
      },
    ],
  },
} satisfies Record<string, Case>;
