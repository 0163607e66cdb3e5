import type { KubeObject } from "../planned/objects";
import { amount } from "../sizing/amount";
import { billOf, type Bill } from "./cost";
import { nodesFor, type NodesTaken } from "./nodes";
import { uncounted, withOperated } from "./operators";
import { sizeOf, type Plan } from "./plans";
import { demandOf, sumOf, type Amount, type Demand, type Pod, type Scale } from "./pods";
import type { NodeSize } from "./scheduler";
import { loadBalancersOf, storageOf, type Volumes } from "./storage";

/** What a cluster was said to be. */
export interface Expected {
  readonly nodes?: number;
  /** Kubernetes quantity, of `storageClass`. */
  readonly storage?: string;
  readonly storageClass?: string;
  readonly loadBalancers: number;
  readonly monthly?: number;
}

/** What pods of one namespace ask for. */
export interface Part {
  readonly namespace: string;
  readonly pods: number;
  readonly requests: Amount;
  readonly limits: Amount;
}

/** What is taken at one scale. */
export interface Taken extends NodesTaken {
  readonly parts: readonly Part[];
  readonly total: Omit<Part, "namespace">;
  readonly bill: Bill;
}

export interface Capacity {
  readonly node: NodeSize & { readonly plan: string; readonly zones: number };
  /** What one of each DaemonSet takes of every node. */
  readonly daemons: Omit<Part, "namespace">;
  readonly minimum: Taken;
  readonly maximum: Taken;
  readonly storage: readonly Volumes[];
  readonly loadBalancers: number;
  /** Objects whose operators make further pods, of unknown size. */
  readonly uncounted: readonly string[];
  /** What is not as the cluster was said to be. */
  readonly off: readonly string[];
}

/** CPU in thousandths of a core, memory and storage in bytes, prices in the table's currency. */
export function capacityOf(planned: readonly KubeObject[], plan: Plan, zones: number, expected?: Expected): Capacity {
  const objects = withOperated(planned);
  const size = sizeOf(plan);
  const [storage, loadBalancers] = [storageOf(objects), loadBalancersOf(objects)];
  const takenAt = (scale: Scale): Taken => {
    const demand = demandOf(objects, scale);
    const taken = nodesFor(demand, size, zones);
    return {
      ...taken,
      parts: partsOf(demand),
      total: totalOf(demand.pods),
      bill: billOf({ nodes: taken.nodes, storage, loadBalancers }, plan),
    };
  };
  const minimum = takenAt("minimum");
  return {
    node: { plan: plan.name, ...size, zones },
    daemons: totalOf(demandOf(objects, "minimum").daemons),
    minimum,
    maximum: takenAt("maximum"),
    storage,
    loadBalancers,
    uncounted: uncounted(planned),
    off: expected ? offOf(expected, minimum, storage, plan) : [],
  };
}

const totalOf = (pods: readonly Pod[]) => ({
  pods: pods.length,
  requests: sumOf(pods.map(({ requests }) => requests)),
  limits: sumOf(pods.map(({ limits }) => limits)),
});

function partsOf({ pods }: Demand): Part[] {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))].sort();
  return namespaces.map((namespace) => ({ namespace, ...totalOf(pods.filter((pod) => pod.namespace === namespace)) }));
}

const GiB = 2 ** 30;

/** Which numbers of what was expected are not those that are taken, or do not fit one another. */
function offOf(expected: Expected, { nodes }: Taken, storage: readonly Volumes[], plan: Plan): string[] {
  const claimed = storage.reduce((sum, { bytes }) => sum + bytes, 0);
  const said = amount(expected.storage ?? 0);
  const { monthly, unpriced } = billOf(
    {
      nodes: expected.nodes ?? nodes,
      storage: expected.storage === undefined ? storage : [{ storageClass: expected.storageClass, volumes: 1, bytes: said }],
      loadBalancers: expected.loadBalancers,
    },
    plan,
  );
  const sum = `${monthly}${unpriced.length > 0 ? ` and ${unpriced.join(", ")}` : ""}`;
  return [
    ...(expected.nodes !== undefined && expected.nodes !== nodes ? [`nodes: ${expected.nodes} were expected, and ${nodes} are taken`] : []),
    ...(expected.storage !== undefined && said !== claimed
      ? [`storage: ${said / GiB} GiB were expected, and ${claimed / GiB} GiB are claimed`]
      : []),
    ...(expected.monthly !== undefined && expected.monthly !== monthly
      ? [`monthly: ${expected.monthly} was expected, and what was expected of nodes, storage and load balancers costs ${sum}`]
      : []),
  ];
}
