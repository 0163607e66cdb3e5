import { put, withField, type Case, type Fixture, type Mutation } from "../case";
import { autoscaler, container, resource } from "./fixtures";

const parents = ["stackyard:starter:Starter"];
const ENV = "spec.template.spec.containers[0].env";
const RETRY = "ENABLE_BILLING_RETRY_WORKER";
const REPLAY = "ENABLE_BILLING_STREAM_REPLAY";
const MODE = "BILLING_RETRY_DEPLOYMENT_MODE";

const envOf = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));
const pods = (part: string, env: Record<string, string>, replicas?: number): Fixture => ({
  ...resource("apps/v1:Deployment", `starter-${part}-pods`, parents, {
    metadata: { name: `starter-${part}`, namespace: "starter" },
    spec: { replicas, template: { spec: { containers: [{ ...container(part), env: envOf(env) }] } } },
  }),
  dependsOn: ["starter-migration"],
});
const migration = resource("batch/v1:Job", "starter-migration", parents, { metadata: { name: "starter-migrate", namespace: "starter" } });
const OFF = { [RETRY]: "false", [REPLAY]: "false" };
const api = pods("api", { ENABLE_BILLING: "true", ...OFF }, 2);
const alone = pods("api", { ENABLE_BILLING: "true" }, 1);
const web = { ...pods("web", { ENABLE_BILLING: "true" }, 2), dependsOn: [] };
const worker = pods("worker", { [RETRY]: "true", [REPLAY]: "true", [MODE]: "dedicated" }, 1);
const scaled = (part: string, maxReplicas: number, kind = "Deployment"): Fixture => {
  const scaler = withField(autoscaler(`starter-${part}`, parents), "metadata.namespace", "starter");
  return withField(withField(scaler, "spec.maxReplicas", maxReplicas), "spec.scaleTargetRef.kind", kind);
};
const others = (fixture: Fixture): Fixture => ({ ...fixture, parents: [] });

const both = `${RETRY} and ${REPLAY}`;
const API = { resource: "starter-api-pods", container: "api", field: ENV };
const WORKER = { resource: "starter-worker-pods", container: "worker", field: ENV };
const worked = (by: string, env: Record<string, string>, ...problems: string[]): Mutation => ({
  by,
  change: put(ENV, envOf(env), 2),
  finds: problems.map((problem) => ({ ...WORKER, problem })),
});
const doubled = (by: string, env: Record<string, string>, names: string): Mutation => ({
  by,
  change: put(ENV, envOf(env)),
  finds: [{ ...API, problem: `has ${names} on beside a worker` }],
});
const many = (by: string, most: number, change: Mutation["change"], names = both): Mutation => ({
  by,
  of: 1,
  change,
  finds: [{ ...API, problem: `has ${names} on in up to ${most} pods` }],
});
const tooMany = (by: string, change: Mutation["change"], most: number): Mutation => ({
  by,
  change,
  finds: [{ resource: WORKER.resource, field: "spec.replicas", problem: `can be ${most}, and has to be 1` }],
});
const unmigrated = (part: string, index: number): Mutation => ({
  by: `${part} that waits for nothing`,
  change: (stack) => void (stack[index] = { ...stack[index]!, dependsOn: [] }),
  finds: [
    { resource: `starter-${part}-pods`, field: "dependsOn", problem: "is without Job starter/starter-migrate, which has to come first" },
  ],
});

export const starter = {
  "starter-billing": {
    valid: [
      [api, web, worker],
      [alone],
      [withField(alone, "spec.replicas", undefined)],
      [pods("api", {}, 5)], // billing is off
      [pods("api", { ENABLE_BILLING: "false" }, 5)],
      [pods("api", { ENABLE_BILLING: "true", ...OFF }, 5)],
      [alone, scaled("api", 1)],
      [alone, scaled("web", 5)],
      [alone, scaled("api", 5, "StatefulSet")],
      [alone, withField(scaled("api", 5), "metadata.namespace", "other")],
      [others(withField(alone, "spec.replicas", 5))],
      [{ ...withField(alone, "spec.replicas", 5), type: "kubernetes:apps/v1:StatefulSet" }],
      [alone, others(worker)],
      [alone, { ...worker, name: "other-worker-pods" }],
      [withField(worker, "spec.replicas", undefined)],
    ],
    mutations: [
      doubled("an API that does not say", { ENABLE_BILLING: "true" }, both),
      doubled("an API that runs one", { ...OFF, [REPLAY]: "true" }, REPLAY),
      doubled("an API that runs the other", { ...OFF, [RETRY]: "1" }, RETRY),
      worked(
        "a worker without retries",
        { [RETRY]: "false", [REPLAY]: "true", [MODE]: "dedicated" },
        `has ${RETRY} off, which is the worker's work`,
      ),
      worked(
        "a worker without replay",
        { [RETRY]: "true", [REPLAY]: "no", [MODE]: "dedicated" },
        `has ${REPLAY} off, which is the worker's work`,
      ),
      worked("a worker within the API", { [RETRY]: "true", [REPLAY]: "true", [MODE]: "inline" }, `has ${MODE} not at dedicated`),
      worked("a worker that does not say", {}, `has ${MODE} not at dedicated`),
      tooMany("two workers", put("spec.replicas", 2, 2), 2),
      tooMany("a worker that is scaled", (stack) => void stack.push(scaled("worker", 3)), 3),
      many("pods that each run both", 2, put("spec.replicas", 2)),
      many("pods that an autoscaler makes", 4, (stack) => void stack.push(scaled("api", 4))),
      many(
        "pods that each run one",
        2,
        (stack) => {
          put("spec.replicas", 2)(stack);
          put(`${ENV}[1]`, { name: RETRY, value: "off" })(stack);
        },
        REPLAY,
      ),
    ],
  },
  "starter-migrated-first": {
    valid: [[api, web, worker, migration], [web], [others({ ...api, dependsOn: [] })]],
    mutations: [
      unmigrated("api", 0),
      unmigrated("worker", 2),
      {
        by: "no migration",
        change: (stack) => void stack.splice(1),
        finds: [{ field: "dependsOn", problem: "has no Job that migrates the database" }],
      },
      {
        by: "a migration of another starter",
        change: (stack) => void stack.splice(1, 3, others(migration)),
        finds: [{ field: "dependsOn", problem: "has no Job that migrates the database" }],
      },
    ],
  },
  "starter-external-secrets": {
    section: { rules: { "starter-external-secrets": { values: { required: true } } } },
    valid: [
      [resource("external-secrets.io/v1:ExternalSecret", "starter-api-secret", parents, {})],
      [resource("core/v1:Secret", "other", [], {})],
    ],
    mutations: [
      {
        by: "a Secret made from values",
        change: ([fixture]) => void Object.assign(fixture!, { type: "kubernetes:core/v1:Secret" }),
        finds: [{ field: "kind", problem: "is Secret, made from values, and has to be ExternalSecret" }],
      },
    ],
  },
} satisfies Record<string, Case>;
