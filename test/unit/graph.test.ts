import { strict as assert } from "node:assert";
import { graphOf, svgOf } from "../../graph";
import { objectOf, type KubeObject } from "../../planned/objects";

const object = (kind: string, name: string, rest: object, namespace = "trial"): KubeObject =>
  objectOf({ apiVersion: "v1", kind, metadata: { name, namespace }, ...rest });
const deployment = (name: string, container: object, pod: object = {}) =>
  object("Deployment", name, {
    spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, ...container }], ...pod } } },
  });
const service = (name: string, namespace?: string) => object("Service", name, { spec: { selector: { app: name } } }, namespace);
const peer = (app: string) => ({ podSelector: { matchLabels: { app } } });

const objects = [
  deployment("web", {
    env: [
      { name: "API", value: "http://api:8000/v1" },
      { name: "OTHER", value: "http://api-docs.example.com" },
    ],
  }),
  deployment("api", { envFrom: [{ secretRef: { name: "keys" } }] }, { volumes: [{ persistentVolumeClaim: { claimName: "data" } }] }),
  deployment("cache", {}),
  deployment("api-docs", {}),
  ...["web", "api", "cache", "api-docs"].map((name) => service(name)),
  object("Secret", "keys", { stringData: { URL: "redis://:hunter2@cache.trial.svc.cluster.local:6379/0" } }),
  object("PersistentVolumeClaim", "data", { spec: { resources: { requests: { storage: "5Gi" } } } }),
  object("Ingress", "web", {
    spec: { rules: [{ host: "app.example.com", http: { paths: [{ backend: { service: { name: "web" } } }] } }] },
  }),
  object("NetworkPolicy", "api-docs", {
    spec: { ...peer("api-docs"), ingress: [{ from: [peer("web"), peer("nobody"), { podSelector: {} }] }] },
  }),
];

describe("the picture of a stack", () => {
  const graph = graphOf(objects, [{ stack: "trial", other: "trial-platform" }]);

  it("has an arrow for each address that is told, each host, volume and policy that names pods, and no other", () => {
    const short = (id: string) => id.split("/").at(-1);
    assert.deepEqual(graph.links.map(({ from, to, kind }) => `${short(from)} ${kind} ${short(to)}`).sort(), [
      "api calls cache",
      "api mounts data",
      "app.example.com serves web",
      "web allowed api-docs",
      "web calls api",
    ]);
  });

  it("as SVG shows every part and who reads whom, and no secret", async () => {
    const svg = (await svgOf(graph, "a title")).replaceAll("&#45;", "-");
    for (const shown of ["web", "api-docs", "5Gi", "app.example.com", "stack trial-platform", "a title", "reads the outputs of"])
      assert.ok(svg.includes(`>${shown}<`), shown);
    assert.ok(!svg.includes("hunter2"));
  });
});
