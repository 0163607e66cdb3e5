import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import { version } from "@pulumi/kubernetes/package.json";
import { type Given, Outside, Trial, type World } from "./plugins-trial";
import { ensureProgram, openWorld } from "./plugins-world";

const namespace = "second-opinion";
const labels = { app: "web" };
const container = (name: string) => ({
  name,
  image: "registry.example/web:1",
  ports: [{ name: "http", containerPort: 80 }],
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "0.5Gi" } },
  readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 3 },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
});

/** One of each kind that our systems are made of, with fixed names and with names of Pulumi's. */
const program = ({ on }: Given) => {
  const place = new k8s.core.v1.Namespace("place", { metadata: { name: namespace, labels: { team: "a" } } }, on);
  const metadata = (name: string) => ({ name, namespace: place.metadata.name, labels, annotations: { "example.com/note": "kept" } });
  const config = new k8s.core.v1.ConfigMap(
    "config",
    { metadata: { namespace: place.metadata.name }, data: { a: "1", "b.yaml": "x: 1\n" } },
    on,
  );
  const secret = new k8s.core.v1.Secret(
    "secret",
    { metadata: { namespace: place.metadata.name }, stringData: { key: "value" }, data: { other: "b3RoZXI=" } },
    on,
  );
  // the plugin of 2020 waits for a token that Kubernetes no longer makes
  const unawaited = { ...metadata("web"), annotations: { "pulumi.com/skipAwait": "true" } };
  const account = new k8s.core.v1.ServiceAccount("account", { metadata: unawaited, automountServiceAccountToken: false }, on);
  const claim = new k8s.core.v1.PersistentVolumeClaim(
    "claim",
    { metadata: metadata("data"), spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    on,
  );
  const pod = {
    serviceAccountName: account.metadata.name,
    containers: [
      {
        ...container("web"),
        envFrom: [{ configMapRef: { name: config.metadata.name } }, { secretRef: { name: secret.metadata.name } }],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: claim.metadata.name } },
      { name: "tmp", emptyDir: {} },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
      },
    ],
  };
  new k8s.apps.v1.Deployment(
    "web",
    { metadata: metadata("web"), spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } } },
    on,
  );
  new k8s.core.v1.Service(
    "service",
    { metadata: metadata("web"), spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] } },
    on,
  );
  const set = { app: "set" };
  const template = { metadata: { labels: set }, spec: { containers: [container("set")] } };
  new k8s.core.v1.Service("headless", { metadata: metadata("set"), spec: { clusterIP: "None", selector: set, ports: [{ port: 80 }] } }, on);
  new k8s.apps.v1.StatefulSet(
    "set",
    {
      metadata: metadata("set"),
      spec: { serviceName: "set", replicas: 2, podManagementPolicy: "Parallel", selector: { matchLabels: set }, template },
    },
    on,
  );
  new k8s.batch.v1.Job(
    "job",
    {
      metadata: metadata("job"),
      spec: { backoffLimit: 1, template: { spec: { restartPolicy: "Never", containers: [container("job")] } } },
    },
    on,
  );
  const metrics = [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }];
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "scaler",
    { metadata: metadata("web"), spec: { minReplicas: 1, maxReplicas: 3, scaleTargetRef, metrics } },
    on,
  );
  new k8s.policy.v1.PodDisruptionBudget(
    "budget",
    { metadata: metadata("web"), spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
    on,
  );
  const rules = [
    {
      host: "web.example",
      http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { name: "http" } } } }] },
    },
  ];
  new k8s.networking.v1.Ingress("ingress", { metadata: metadata("web"), spec: { rules } }, on);
  const ingress = [{ from: [{ podSelector: {} }], ports: [{ port: "http" }] }];
  new k8s.networking.v1.NetworkPolicy(
    "policy",
    { metadata: metadata("web"), spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress", "Egress"], ingress, egress: [] } },
    on,
  );
  return { config: config.metadata.name, secret: secret.metadata.name };
};

const kinds = {
  v1: ["ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "Service"],
  "apps/v1": ["Deployment", "StatefulSet"],
  "batch/v1": ["Job"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "policy/v1": ["PodDisruptionBudget"],
  "networking.k8s.io/v1": ["Ingress", "NetworkPolicy"],
};

interface Tree {
  [key: string]: Tree;
}
const drop = (object: Tree, path: string[], keys: string[]): void => {
  const inner = path.reduce<Tree | undefined>((each, key) => each?.[key], object);
  for (const key of keys) delete inner?.[key];
};

const key = (object: Tree, ...path: string[]): string => path.reduce((inner: Tree, part) => inner[part] ?? {}, object) as unknown as string;

/** The object without what the cluster chooses anew each time, and without what each plugin notes on it. */
const comparable = (object: KubernetesObject, names: Record<string, string>): Tree => {
  const text = Object.entries(names).reduce((all, [part, name]) => all.replaceAll(name, `${part}-…`), JSON.stringify(object));
  const tree = JSON.parse(text) as Tree;
  drop(tree, [], ["status"]);
  drop(tree, ["metadata"], ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"]);
  drop(tree, ["metadata", "annotations"], ["kubectl.kubernetes.io/last-applied-configuration", "pulumi.com/autonamed"]);
  drop(tree, ["metadata", "labels"], ["app.kubernetes.io/managed-by"]);
  if (tree.spec?.clusterIP !== ("None" as unknown as Tree)) drop(tree, ["spec"], ["clusterIP", "clusterIPs"]);
  drop(tree, ["spec"], ["volumeName"]);
  for (const path of [
    ["spec", "selector", "matchLabels"],
    ["spec", "template", "metadata", "labels"],
    ["metadata", "labels"],
  ]) {
    drop(tree, path, ["controller-uid", "batch.kubernetes.io/controller-uid"]);
  }
  for (const field of ["annotations", "labels"])
    if (Object.keys(tree.metadata?.[field] ?? {}).length === 0) drop(tree, ["metadata"], [field]);
  return tree;
};

describe("the stand-in plugin and the official one of 2020", function () {
  this.timeout(300_000);
  let world: World;
  let outside: Outside;
  let home: string;

  before(async () => {
    world = await openWorld("plugins-opinion");
    outside = new Outside(world);
    const official = await ensureProgram("pulumi-resource-kubernetes");
    home = mkdtempSync(join(tmpdir(), "stackyard-official-"));
    const folder = join(home, "plugins", `resource-kubernetes-v${version}`);
    mkdirSync(folder, { recursive: true });
    symlinkSync(official, join(folder, "pulumi-resource-kubernetes"));
  });
  after(async () => {
    rmSync(home, { recursive: true });
    await world.close();
  });

  /** What the cluster has after an up, by kind and name; everything is gone again afterwards. */
  const madeBy = async (env: Record<string, string>): Promise<Record<string, unknown>> => {
    const trial = new Trial({ ...world, env: { ...world.env, ...env } }, namespace);
    try {
      const { outputs } = await trial.up(program);
      const names = Object.fromEntries(Object.entries(outputs).map(([part, { value }]) => [part, String(value)]));
      const place = await outside.has("v1", "Namespace", namespace);
      const lists = Object.entries(kinds).flatMap(([apiVersion, all]) => all.map((kind) => outside.list(apiVersion, kind, namespace)));
      const objects = [place, ...(await Promise.all(lists)).flat()].map((object) => comparable(object, names));
      return Object.fromEntries(objects.map((object) => [`${key(object, "kind")} ${key(object, "metadata", "name")}`, object]));
    } finally {
      await trial.up(() => {});
      trial.end();
    }
  };

  it("make the same objects of the same program", async () => {
    const ours = await madeBy({});
    const theirs = await madeBy({ PULUMI_HOME: home });
    assert.ok(Object.keys(theirs).length >= 16, Object.keys(theirs).join());
    assert.deepEqual(ours, theirs);
  });
});
