import { drop, put, unknown, withField, type Case, type Fixture, type Mutation } from "../case";
import { autoscaler, deployment } from "./fixtures";

const parents = ["stackyard:fluxiondb:FluxionDb"];
const path = "spec.template.spec.containers[0].";
const database = (): Fixture => ({
  type: "kubernetes:apps/v1:StatefulSet",
  name: "fluxiondb-alice-database",
  parents,
  props: {
    metadata: { name: "fluxiondb", namespace: "fluxiondb-alice", annotations: {} },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: "fluxiondb", resources: { requests: { memory: "2Gi" }, limits: { memory: "2048Mi" } } }] } },
    },
  },
});
const claim = (storage = "4Gi", annotations: Record<string, string> = {}): Fixture => ({
  type: "kubernetes:core/v1:PersistentVolumeClaim",
  name: "fluxiondb-alice-claim",
  parents,
  props: {
    metadata: { name: "fluxiondb", namespace: "fluxiondb-alice", annotations: { "stackyard.dev/ram": "2Gi", ...annotations } },
    spec: { resources: { requests: { storage } } },
  },
});
const others: Fixture = { ...claim("1Gi"), parents: [] };
/** What else of FluxionDB says a RAM. */
const template: Fixture = { ...claim("1Gi"), type: "kubernetes:core/v1:PersistentVolume" };
const elsewhere = withField(claim("1Gi"), "metadata.namespace", "fluxiondb-bob");
const CPU = 'metadata.annotations["stackyard.dev/cpu"]';
const cpu = (amounts: "requests" | "limits", given: string | undefined, has: string, of = 0): Mutation => ({
  by: `${given ?? "no"} CPU as ${amounts} of valid database ${of}`,
  of,
  change: given === undefined ? drop(`${path}resources.${amounts}.cpu`) : put(`${path}resources.${amounts}.cpu`, given),
  finds: [
    {
      tenant: "alice",
      container: "fluxiondb",
      field: `${path}resources.${amounts}.cpu`,
      problem: `is ${given ?? "missing"}, and has to be ${has}`,
    },
  ],
});
const sized = withField(database(), `${path}resources`, {
  requests: { cpu: "1", memory: "2Gi" },
  limits: { cpu: "2000m", memory: "2Gi" },
});
const asked = withField(withField(sized, `${path}resources.limits.cpu`, "3"), CPU, "1000m/3000m");
const suspended = withField(withField(database(), "spec.replicas", 0), 'metadata.annotations["stackyard.dev/suspended"]', "true");

const replicas = (given: number, says = `${given}`): Mutation => ({
  by: `${given} replicas`,
  change: put("spec.replicas", given),
  finds: [{ tenant: "alice", field: "spec.replicas", problem: `is ${says}, and has to be 1` }],
});
const memory = (by: string, resources: object, problem: string): Mutation => ({
  by,
  change: put(`${path}resources`, resources),
  finds: [{ tenant: "alice", container: "fluxiondb", field: `${path}resources.requests.memory`, problem }],
});
const storage = (given: string, of = 0): Mutation => ({
  by: `storage ${given} of valid claim ${of}`,
  of,
  change: put("spec.resources.requests.storage", given),
  finds: [{ tenant: "alice", field: "spec.resources.requests.storage", problem: `is ${given}, and has to be twice the RAM of 2Gi: 4Gi` }],
});

export const fluxiondb = {
  "fluxiondb-one-replica": {
    valid: [[database()], [suspended], [{ ...database(), parents: [], props: { spec: { replicas: 2 } } }]],
    mutations: [
      replicas(2),
      replicas(0, "0 without annotation stackyard.dev/suspended"),
      { ...replicas(2), by: "2 replicas of one that is suspended", of: 1 },
      {
        by: "a number that is not known yet",
        change: put("spec.replicas", unknown),
        finds: [{ field: "spec.replicas", problem: "is not known before the update, and has to be" }],
      },
      {
        by: "2 replicas of a Deployment, by its chart",
        change: ([fixture]) =>
          void Object.assign(fixture!, {
            type: "kubernetes:apps/v1:Deployment",
            parents: ["stackyard:fluxiondb:FluxionDbChart"],
            props: withField(database(), "spec.replicas", 2).props,
          }),
        finds: [{ tenant: "alice", field: "spec.replicas", problem: "is 2, and has to be 1" }],
      },
    ],
  },
  "fluxiondb-memory": {
    valid: [[database()], [deployment()], [withField({ ...database(), parents: [] }, `${path}resources`, {})]],
    mutations: [
      memory("less requested", { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } }, "is 1Gi, and has to be the limit, which is 2Gi"),
      memory("none requested", { limits: { memory: "2Gi" } }, "is missing, and has to be the limit, which is 2Gi"),
      memory("no limit", { requests: { memory: "1Gi" } }, "is 1Gi, and has to be the limit, which is missing"),
    ],
  },
  "fluxiondb-storage": {
    valid: [
      [claim()],
      [claim("10Gi", { "stackyard.dev/storage": "10Gi" })],
      [claim("4096Mi")],
      [others],
      [withField(claim(), "metadata.annotations", {})],
      [template],
    ],
    mutations: [
      storage("6Gi"),
      storage("3Gi"),
      storage("12Gi", 1),
      storage("3Gi", 1),
      {
        by: "no storage",
        change: drop("spec.resources.requests.storage"),
        finds: [
          { tenant: "alice", field: "spec.resources.requests.storage", problem: "is missing, and has to be twice the RAM of 2Gi: 4Gi" },
        ],
      },
    ],
  },
  "fluxiondb-storage-of-memory": {
    valid: [
      [database(), claim()],
      [database()],
      [database(), elsewhere],
      [database(), others],
      [{ ...database(), parents: [] }, claim("1Gi")],
      [withField(database(), `${path}resources`, {}), claim("1Gi")], // the rule of its memory says so
    ],
    mutations: [
      {
        by: "more memory than its claim knows",
        change: put(`${path}resources.limits.memory`, "4Gi"),
        finds: [
          {
            tenant: "alice",
            field: "spec.resources.requests.storage",
            problem: "of PersistentVolumeClaim fluxiondb-alice/fluxiondb is 4Gi, and has to be twice the RAM of 4Gi: 8Gi",
          },
        ],
      },
    ],
  },
  "fluxiondb-cpu": {
    valid: [
      [sized],
      [asked],
      [withField(sized, CPU, "1000m/3000m/4000m")],
      [withField(sized, CPU, "1000m")],
      [withField(sized, `${path}resources`, { requests: { memory: "2Gi" } })], // the rule of its memory says so
      [withField({ ...sized, parents: [] }, `${path}resources.limits.cpu`, "9")],
    ],
    mutations: [
      cpu("requests", "500m", "1000m for 2Gi of RAM"),
      cpu("requests", undefined, "1000m for 2Gi of RAM"),
      cpu("limits", "1001m", "2000m for 2Gi of RAM"),
      cpu("limits", "2", "3000m by annotation stackyard.dev/cpu", 1),
      cpu("requests", "2", "1000m by annotation stackyard.dev/cpu", 1),
    ],
  },
  "fluxiondb-no-autoscaler": {
    valid: [[database()], [autoscaler("api")]],
    mutations: [
      {
        by: "an autoscaler",
        change: ([fixture]) => void Object.assign(fixture!, autoscaler("fluxiondb-alice", parents)),
        finds: [{ tenant: "alice", field: "spec.scaleTargetRef", problem: "is a database, which is never scaled out" }],
      },
    ],
  },
} satisfies Record<string, Case>;
