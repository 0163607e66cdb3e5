import { randomBytes } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Given, Outside, type Program, Trial, type World } from "./plugins-trial";
import { openWorld } from "./plugins-world";

type Pod = k8s.types.input.core.v1.PodSpec;
type Meta = k8s.types.input.meta.v1.ObjectMeta;
export const labels = { app: "web" };
export const podOf = (more: Partial<Pod> = {}): Pod => ({
  containers: [{ name: "web", image: "registry.example/web:1", ports: [{ containerPort: 80 }] }],
  ...more,
});
/** A pod that no node of any cluster takes. */
export const nowhere = podOf({ nodeSelector: { "kubernetes.io/hostname": "nowhere" } });
/** What the sandbox lets a pod's image be found missing with; a cluster with kubelets finds that by itself. */
const missingImage = { "stackyard.dev/sandbox-fault": "fail" };

export const deployment = (
  { on, namespace }: Given,
  pod = podOf(),
  more: Partial<k8s.types.input.apps.v1.DeploymentSpec> = {},
  meta: Meta = {},
  opts: pulumi.CustomResourceOptions = {},
) =>
  new k8s.apps.v1.Deployment(
    "web",
    {
      metadata: { name: "web", namespace, ...meta },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod }, ...more },
    },
    { ...on, ...opts },
  );
/** A Deployment whose pods find no image. */
export const broken = (given: Given, meta: Meta) =>
  deployment(given, podOf(), { template: { metadata: { labels, annotations: missingImage }, spec: podOf() } }, meta);
export const configMap = (
  { on, namespace }: Given,
  data: Record<string, pulumi.Input<string>>,
  meta: Meta = { name: "c" },
  opts: pulumi.CustomResourceOptions = {},
) => new k8s.core.v1.ConfigMap("c", { metadata: { namespace, ...meta }, data }, { ...on, ...opts });
export const within = (seconds: number): Meta => ({ annotations: { "pulumi.com/timeoutSeconds": String(seconds) } });
export const does =
  (make: (given: Given) => unknown): Program =>
  (given) =>
    void make(given);

/** What a test works with: its suite's sandbox, what looks at the cluster from outside, and a stack and a namespace of its own. */
export interface Now {
  readonly world: World;
  readonly outside: Outside;
  readonly trial: Trial;
  readonly namespace: string;
}

/** Gives the tests of a suite a sandbox, and each of them what it works with before it begins. */
export function inTrials(suite: string, begin: (now: Now) => void): void {
  let world: World;
  let outside: Outside;
  let trial: Trial;

  before(async () => {
    world = await openWorld(suite);
    outside = new Outside(world);
  });
  after(() => world.close());
  beforeEach(async () => {
    const namespace = `trial-${randomBytes(4).toString("hex")}`;
    await outside.keep({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    trial = new Trial(world, namespace);
    begin({ world, outside, trial, namespace });
  });
  afterEach(async () => {
    trial.end();
    await outside.end();
  });
}
