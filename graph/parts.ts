import type { KubeObject } from "../planned/objects";

/** What runs, or keeps data: a box of the picture. */
export interface Part {
  readonly id: string;
  readonly kind: "service" | "database" | "job" | "volume" | "outside";
  /** Name of what is outside of the cluster stands alone. */
  readonly namespace?: string;
  readonly name: string;
  /** A line under the name, such as how many pods it has. */
  readonly detail: string;
}

type Labels = Readonly<Record<string, string>>;
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec: {
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
}
export interface Container {
  readonly env?: readonly {
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string }; readonly configMapKeyRef?: { readonly name: string } };
  }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string }; readonly secretRef?: { readonly name: string } }[];
}
interface WorkloadSpec {
  readonly replicas?: number;
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
  readonly volumeClaimTemplates?: readonly {
    readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
  }[];
}

const KINDS: Readonly<Record<string, Part["kind"]>> = {
  Deployment: "service",
  DaemonSet: "service",
  StatefulSet: "database",
  Job: "job",
  CronJob: "job",
};

/** A workload with the pods that it makes. */
export interface Workload {
  readonly part: Part;
  readonly namespace: string;
  readonly template: PodTemplate;
  readonly labels: Labels;
}

export const idOf = (kind: string, namespace = "", name = ""): string => `${kind}/${namespace}/${name}`;

/** Workloads that have pods, each as a box. */
export const workloadsIn = (objects: readonly KubeObject[]): Workload[] =>
  objects.flatMap((object) => {
    const kind = KINDS[object.kind];
    const spec = object.spec as WorkloadSpec;
    const template = spec.jobTemplate?.spec?.template ?? spec.template;
    if (kind === undefined || template === undefined) return [];
    const { namespace = "default", name } = object;
    // a Job's name ends with a mark of what it is made of, which says nothing to who looks at it
    const shown = kind === "job" ? name.replace(/-[0-9a-f]{8,}$/, "") : name;
    const part = { id: idOf(object.kind, namespace, name), kind, namespace, name: shown, detail: detailOf(object, objects) };
    return [{ part, namespace, template, labels: template.metadata?.labels ?? {} }];
  });

function detailOf({ kind, namespace, name, spec }: KubeObject, objects: readonly KubeObject[]): string {
  if (kind === "DaemonSet") return "one on each node";
  if (kind === "Job" || kind === "CronJob") return kind;
  const scaler = objects.find((object) => {
    const target = object.spec["scaleTargetRef"] as { name?: string; kind?: string } | undefined;
    return object.kind === "HorizontalPodAutoscaler" && object.namespace === namespace && target?.kind === kind && target.name === name;
  })?.spec as { minReplicas?: number; maxReplicas: number } | undefined;
  const { replicas = 1 } = spec as WorkloadSpec;
  if (scaler) return `${scaler.minReplicas ?? 1} to ${scaler.maxReplicas} pods`;
  return replicas === 1 ? "1 pod" : `${replicas} pods`;
}

/** Claims that are objects of their own, each as a box. */
export const volumesIn = (objects: readonly KubeObject[]): Part[] =>
  objects
    .filter(({ kind }) => kind === "PersistentVolumeClaim")
    .map(({ kind, namespace = "default", name, spec }) => {
      const { resources } = spec as { resources?: { requests?: { storage?: string } } };
      return { id: idOf(kind, namespace, name), kind: "volume", namespace, name, detail: resources?.requests?.storage ?? "" };
    });
