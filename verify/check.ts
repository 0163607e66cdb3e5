import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import type { Point } from "./points";

/** What names one object of a cluster. */
export interface Ref {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** An object as a stack has deployed it. */
export interface Deployed extends Ref {
  /** The system that it is of, or `platform`. */
  readonly system: string;
  /** What was asked for; nothing of an object that a Helm chart has made. */
  readonly asked: KubernetesObject & { readonly spec?: Readonly<Record<string, unknown>> };
}

/** The cluster, as one look at it finds it: what is asked twice is read once. */
export interface World {
  readonly now: Date;
  /** All that the stack has deployed. */
  readonly deployed: readonly Deployed[];
  get<Live extends KubernetesObject>(ref: Ref): Promise<Live | undefined>;
  list<Live extends KubernetesObject>(apiVersion: string, kind: string, namespace: string): Promise<readonly Live[]>;
  /** Status of what a container of a pod answers to a GET, asked through a port-forward. */
  answer(pod: V1Pod, request: PodRequest): Promise<number>;
  /** Status of what is answered under an address to a GET of a URL. */
  reach(url: string, address: string): Promise<number>;
}

export interface PodRequest {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Finding {
  /** `skipped` is what cannot be looked at here, with the reason. */
  readonly status: "passed" | "failed" | "skipped";
  /** What was found, in a few words. */
  readonly found: string;
  /** What to type next, where that is another command than the check's. */
  readonly next?: string;
}

export const passed = (found: string): Finding => ({ status: "passed", found });
export const failed = (found: string, next?: string): Finding => ({ status: "failed", found, ...(next !== undefined && { next }) });
export const skipped = (found: string): Finding => ({ status: "skipped", found });

/** The first of some findings that has failed, or what they all say. */
export const worst = (findings: readonly Finding[]): Finding =>
  findings.find(({ status }) => status === "failed") ?? passed([...new Set(findings.map(({ found }) => found))].join(", "));

/** An object, as it was deployed and as the cluster has it. */
export interface Seen<Live extends KubernetesObject = KubernetesObject> {
  readonly deployed: Deployed;
  readonly live: Live;
}

/** One row of the checklist. */
export interface Check<Live extends KubernetesObject = KubernetesObject> {
  readonly id: string;
  /** What is so when it is green. */
  readonly title: string;
  /** Points of the systems' checklists that it ticks. */
  readonly source: readonly Point[];
  readonly kinds: readonly string[];
  /** Nothing where the row has no question to an object. */
  check(seen: Seen<Live>, world: World): Promise<Finding | undefined> | Finding | undefined;
  /** Command that says more where it is red. */
  next(ref: Ref): string;
}

/** An object as kubectl takes it: `-n alice pvc/data`. */
const spelled = ({ kind, apiVersion, namespace, name }: Ref): string => {
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [];
  return `${namespace === undefined ? "" : `-n ${namespace} `}${kind.toLowerCase()}${group === undefined ? "" : `.${group}`}/${name}`;
};

export const describe = (ref: Ref): string => `kubectl describe ${spelled(ref)}`;
export const read = (ref: Ref): string => `kubectl get -o yaml ${spelled(ref)}`;
