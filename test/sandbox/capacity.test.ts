import type { V1Pod, V1PodSpec, V1Volume } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { capacityOf } from "../../capacity";
import { withOperated } from "../../capacity/operators";
import { planOf, plansIn, type Plan } from "../../capacity/plans";
import { demandOf, type Scale } from "../../capacity/pods";
import { planned } from "../../cli/planned";
import type { KubeObject } from "../../planned/objects";
import { ensure } from "../../sandbox/toolchain";
import { printed, stackyard, until } from "../support/stackyard";

const sandbox = `capacity-${process.pid}`;
const ZONES = 3; // as the sandbox's nodes are in

interface Workload {
  readonly template?: { readonly metadata?: { readonly labels?: Record<string, string> }; readonly spec: V1PodSpec };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** A pod as its workload's controller would make it, without the claims that are not there. */
function podOf({ kind, namespace, name, spec }: KubeObject, index: number): object {
  const { template, volumeClaimTemplates = [] } = spec as Workload;
  const { volumes = [], ...rest } = template!.spec;
  const empty = (volume: Pick<V1Volume, "name">): V1Volume => ({ name: volume.name, emptyDir: {} });
  const all = [
    ...volumes.map((volume) => (volume.persistentVolumeClaim ? empty(volume) : volume)),
    ...volumeClaimTemplates.map(({ metadata }) => empty(metadata)),
  ];
  const labels = { ...template!.metadata?.labels, "pod-template-hash": `${kind}-${name}`.slice(0, 63) };
  const metadata = { name: `${kind}-${name}-${index}`.toLowerCase(), namespace, labels };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { ...rest, serviceAccountName: "default", volumes: all } };
}

describe("the capacity of a stack", function () {
  this.timeout("15m"); // cold, the programs are built first
  let kubectl: (input: object | undefined, ...args: string[]) => Promise<string>;

  before(async () => {
    const { kubectl: program } = await ensure(["kubectl"], () => {});
    const kubeconfig = /KUBECONFIG=(\S+)/.exec((await stackyard(["sandbox", "start", "--sandbox", sandbox])).stdout as string)?.[1] ?? "";
    kubectl = async (input, ...args) =>
      (await execa(program.path, ["--kubeconfig", kubeconfig, ...args], { input: input && JSON.stringify(input) })).stdout;
  });
  after(() => stackyard(["sandbox", "reset", "--sandbox", sandbox]));

  const nodes = async (count: number, { node }: Plan) => {
    const size = ["--cpu", `${node.cpu}`, "--memory", `${node.memory}`];
    const run = await stackyard(["sandbox", "start", "--sandbox", sandbox, "--nodes", `${count}`, ...size]);
    assert.equal(run.exitCode, 0, printed(run));
  };
  const pods = async () =>
    (JSON.parse(await kubectl(undefined, "get", "pods", "--all-namespaces", "--output=json")) as { items: V1Pod[] }).items;
  const isRefused = ({ status }: V1Pod) =>
    status?.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable");

  /** Has the scheduler place pods on so many nodes; returns how many find none. */
  const pendingOn = async (count: number, plan: Plan, daemons: readonly object[], wanted: readonly object[]): Promise<number> => {
    await kubectl(undefined, "delete", "daemonsets,pods", "--all", "--all-namespaces", "--grace-period=0", "--force");
    await until("no pod is left", async () => (await pods()).length === 0);
    await nodes(count, plan);
    if (daemons.length > 0) await kubectl({ apiVersion: "v1", kind: "List", items: daemons }, "apply", "--filename=-");
    await until("the nodes have their own pods", async () => (await pods()).length === count * daemons.length);
    await kubectl({ apiVersion: "v1", kind: "List", items: wanted }, "create", "--filename=-");
    const judged = async () => (await pods()).every((pod) => pod.spec?.nodeName !== undefined || isRefused(pod));
    await until("the scheduler has looked at every pod", judged);
    return (await pods()).filter(({ spec }) => spec?.nodeName === undefined).length;
  };

  for (const [stacks, scale, name] of [
    [["dev"], "minimum", "vultr/high-performance-4c-8gb"],
    [["prod-platform", "prod"], "minimum", "sandbox/default"],
    [["prod-platform", "prod"], "maximum", "sandbox/default"],
    [["vultr-platform", "vultr"], "minimum", "vultr/high-performance-4c-8gb"],
    [["fly"], "maximum", "vultr/high-performance-4c-8gb"],
  ] as [string[], Scale, string][]) {
    it(`${stacks.join(" and ")}, at ${scale}: as many nodes as it says hold every pod, and one fewer does not`, async () => {
      const objects = withOperated((await planned(stacks, "sandbox")).flatMap((stack) => stack.objects));
      const plan = planOf(plansIn("capacity/plans.yaml"), name);
      const placed = objects.filter(({ kind }) => kind !== "EnvoyProxy"); // its proxies are among them already
      const taken = capacityOf(placed, plan, ZONES)[scale];
      assert.deepEqual(taken.unplaced, {});
      const made = demandOf(objects, scale).pods.map(({ owner }, index) => {
        const object = objects.find(({ kind, namespace, name }) => owner === `${kind} ${namespace}/${name}`);
        return podOf(object ?? assert.fail(owner), index);
      });
      const namespaces = [...new Set(objects.flatMap(({ namespace }) => namespace ?? []))];
      const items = namespaces.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
      await kubectl({ apiVersion: "v1", kind: "List", items }, "apply", "--filename=-");
      const accounts = async () => (await kubectl(undefined, "get", "serviceaccounts", "--all-namespaces", "--output=name")).split("\n");
      await until(
        "each namespace has its account",
        async () => (await accounts()).filter((name) => name.endsWith("/default")).length >= items.length + 1,
      );
      const daemons = objects
        .filter(({ kind }) => kind === "DaemonSet")
        .map((daemon) => {
          const { template } = daemon.spec as Workload;
          const spec = { ...template!.spec, serviceAccountName: "default" };
          const metadata = { name: daemon.name, namespace: daemon.namespace };
          return { ...daemon.body, metadata, spec: { ...daemon.spec, template: { ...template, spec } } };
        });

      assert.equal(await pendingOn(taken.nodes, plan, daemons, made), 0, `pods that ${taken.nodes} nodes leave`);
      assert.notEqual(await pendingOn(taken.nodes - 1, plan, daemons, made), 0, `pods that ${taken.nodes - 1} nodes leave`);
    });
  }
});
