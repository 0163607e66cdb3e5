import { drop, put, withField, type Case, type Mutation } from "../case";
import { container, deployment, resource } from "./fixtures";

const parents = ["stackyard:fluxiondb:FluxionDb"];
const path = "spec.template.spec.containers[0].";
const metadata = { name: "fluxiondb", namespace: "fluxiondb-alice" };
const service = resource("core/v1:Service", "fluxiondb-alice-service", parents, { metadata, spec: { type: "ClusterIP" } });
const ofSecret = { name: "SECRET_KEY", valueFrom: { secretKeyRef: { name: "key", key: "secret-key" } } };
const database = resource("apps/v1:StatefulSet", "fluxiondb-alice-database", parents, {
  metadata,
  spec: {
    template: {
      spec: {
        initContainers: [container("first")],
        containers: [
          {
            ...container("fluxiondb"),
            command: ["./build/fluxiondb"],
            args: ["--secret-key=$(SECRET_KEY)", "--data=/data"],
            env: [{ name: "OTHER", value: "a" }, ofSecret],
          },
        ],
      },
    },
  },
});
const type = (given: string): Mutation => ({
  by: `type ${given}`,
  change: put("spec.type", given),
  finds: [{ tenant: "alice", field: "spec.type", problem: `is ${given}, and has to be ClusterIP` }],
});
const key = (by: string, at: string, value: unknown, field: string, problem: string): Mutation => ({
  by,
  change: put(at, value),
  finds: [{ tenant: "alice", container: "fluxiondb", field: `${path}${field}`, problem }],
});
const OTHER_VALUE = "has --secret-key with another value than the Secret's";
const FROM_ELSEWHERE = "has SECRET_KEY from elsewhere than a Secret";

export const fluxionDbAccess = {
  "fluxiondb-internal": {
    valid: [
      [service],
      [withField(service, "spec", {})],
      [withField(service, "spec.externalIPs", [])],
      [withField({ ...service, parents: [] }, "spec.type", "NodePort")],
      [withField({ ...service, type: "kubernetes:core/v1:Thing" }, "spec.type", "NodePort")],
    ],
    mutations: [
      type("LoadBalancer"),
      type("NodePort"),
      {
        by: "an address outside",
        change: put("spec.externalIPs", ["203.0.113.1"]),
        finds: [{ tenant: "alice", field: "spec.externalIPs", problem: "opens the database to addresses outside" }],
      },
    ],
  },
  "fluxiondb-key-of-secret": {
    valid: [
      [database],
      [withField(database, `${path}args`, undefined)],
      [withField(deployment(), `${path}args`, ["--secret-key=hunter2"])],
    ],
    mutations: [
      key("a key in clear", `${path}env[1]`, { name: "SECRET_KEY", value: "hunter2" }, "env", FROM_ELSEWHERE),
      key("a key of a ConfigMap", `${path}env[1].valueFrom`, { configMapKeyRef: { name: "a", key: "b" } }, "env", FROM_ELSEWHERE),
      { ...key("a key from nowhere", "", undefined, "env", FROM_ELSEWHERE), change: drop(`${path}env[1].valueFrom`) },
      key("a key among the arguments", `${path}args[0]`, "--secret-key=hunter2", "args", OTHER_VALUE),
      key("a key of its own word", `${path}args[0]`, "--secret-key", "args", OTHER_VALUE),
      key("a key in the command", `${path}command`, ["./build/fluxiondb", "--secret-key=hunter2"], "command", OTHER_VALUE),
    ],
  },
} satisfies Record<string, Case>;
