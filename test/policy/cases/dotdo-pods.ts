import { drop, put, withField, type Case, type Fixture, type Mutation } from "../case";
import { container, resource } from "./fixtures";

const parents = ["stackyard:dotdo:Dotdo"];
const labels = { "app.kubernetes.io/name": "dotdo" };
const metadata = { name: "dotdo", namespace: "dotdo" };
const POD = "spec.template.spec.";
const pods: Fixture = resource("apps/v1:Deployment", "dotdo-pods", parents, {
  metadata,
  spec: {
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 31,
        containers: [
          {
            ...container("dotdo"),
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            ports: [
              { name: "http", containerPort: 8787 },
              { name: "rpc", containerPort: 8788 },
            ],
          },
          container("second"),
        ],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  },
});
const headless = resource("core/v1:Service", "dotdo-headless", parents, {
  metadata: { name: "dotdo-headless", namespace: "dotdo" },
  spec: {
    clusterIP: "None",
    selector: labels,
    ports: [
      { name: "http", targetPort: "http" },
      { name: "rpc", targetPort: "rpc" },
    ],
  },
});
const config = resource("core/v1:ConfigMap", "dotdo-config", parents, { metadata, data: { TURSO_URL: "http://libsql:8080" } });
const others = (fixture: Fixture): Fixture => ({ ...fixture, parents: [] });

const unfound = (by: string, change: Mutation["change"]): Mutation => ({
  by,
  change,
  finds: [{ field: "spec.template.metadata.labels", problem: "are selected by no headless Service" }],
});
const grace = (seconds: number): Mutation => ({
  by: `${seconds} seconds`,
  change: put(`${POD}terminationGracePeriodSeconds`, seconds),
  finds: [{ field: `${POD}terminationGracePeriodSeconds`, problem: `is ${seconds}, and has to be more than 30` }],
});
const stateful = (by: string, source: object): Mutation => ({
  by,
  change: put(`${POD}volumes[1]`, { name: "data", ...source }),
  finds: [{ field: `${POD}volumes`, problem: 'has "data", which is state of the pod' }],
});
const noDatabase = (by: string, change: Mutation["change"]): Mutation => ({
  by,
  of: 1,
  change,
  finds: [{ field: "data.TURSO_URL", problem: "is missing" }],
});

export const dotdoPods = {
  "dotdo-headless": {
    valid: [
      [pods, headless],
      [withField(pods, `${POD}containers[0].ports`, [{ name: "http" }]), withField(headless, "spec.ports", [{ targetPort: "http" }])],
      [others(pods)],
      [{ ...pods, type: "kubernetes:apps/v1:StatefulSet" }],
    ],
    mutations: [
      unfound("no headless Service", (stack) => void stack.pop()),
      unfound("a Service with an address", drop("spec.clusterIP", 1)),
      unfound("a Service without selector", drop("spec.selector", 1)),
      unfound("other labels", put("spec.selector", { a: "b" }, 1)),
      unfound("pods without labels", drop("spec.template.metadata")),
      {
        by: "a headless Service without port rpc",
        change: put("spec.ports", [{ targetPort: "http" }], 1),
        finds: [{ field: `${POD}containers`, problem: "have port rpc, to which Service dotdo/dotdo-headless does not lead" }],
      },
    ],
  },
  "dotdo-drain": {
    valid: [
      [pods],
      [withField(others(pods), `${POD}terminationGracePeriodSeconds`, 1)],
      [{ ...withField(pods, `${POD}terminationGracePeriodSeconds`, 1), type: "kubernetes:batch/v1:Job" }],
    ],
    mutations: [
      grace(30),
      grace(5),
      {
        by: "nothing said",
        change: drop(`${POD}terminationGracePeriodSeconds`),
        finds: [{ field: `${POD}terminationGracePeriodSeconds`, problem: "is 30, and has to be more than 30" }],
      },
      {
        by: "no preStop",
        change: drop(`${POD}containers[0].lifecycle`),
        finds: [{ container: "dotdo", field: `${POD}containers[0].lifecycle.preStop`, problem: "is missing" }],
      },
    ],
  },
  "dotdo-state-outside": {
    valid: [
      [pods],
      [config],
      [withField(others(config), "data", {})],
      [withField(others(pods), `${POD}volumes`, [{ name: "data", hostPath: { path: "/data" } }])],
    ],
    mutations: [
      stateful("a claim", { persistentVolumeClaim: { claimName: "data" } }),
      stateful("a folder of the node", { hostPath: { path: "/data" } }),
      noDatabase("no TURSO_URL", drop("data.TURSO_URL")),
      noDatabase("an empty TURSO_URL", put("data.TURSO_URL", "")),
      noDatabase("no data", drop("data")),
    ],
  },
} satisfies Record<string, Case>;
