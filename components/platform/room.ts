import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { childrenOf, type Transform } from "../kubernetes/child";
import type { PodSecurity } from "../../sizing/pod-security";
import { namespaceOf } from "../kubernetes/namespace";
import { secretOf } from "../kubernetes/secrets";
import type { Plan } from "./plan";
import { releaseOf, type Wanted } from "./release";
import type { ChartName } from "./versions";

export const LABELS = { "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": "platform" };

/** Charts that are installed as `helm.v3.Release`; cert-manager has a package of its own. */
export type ReleaseName = Exclude<ChartName, "certManager">;
type ReleaseArgs = ReturnType<typeof releaseOf>;
type NamespaceArgs = ReturnType<typeof namespaceOf>;

/** The last word on single releases, by chart, and namespaces, by name. */
export interface RoomTransform {
  readonly releases?: Readonly<Partial<Record<ReleaseName, Transform<ReleaseArgs>>>>;
  readonly namespaces?: Readonly<Record<string, Transform<NamespaceArgs>>>;
}

/** What a namespace is like beside its name. */
interface Kind {
  /** @default "restricted" */
  readonly podSecurity?: PodSecurity;
  readonly labels?: Record<string, string>;
  /** Claims of charts are in it, so that it is kept when it is taken out. @default false */
  readonly holdsData?: boolean;
}

type Child = ReturnType<typeof childrenOf>;

/** Where the parts of one platform make what they are made of. */
export class Room {
  readonly child: Child;
  /** Namespaces that are kept when the platform goes. */
  readonly kept: pulumi.Output<string>[] = [];
  private readonly namespaces = new Map<string, pulumi.Output<string>>();

  constructor(
    readonly parent: pulumi.ComponentResource,
    readonly name: string,
    readonly plan: Plan,
    private readonly transform: RoomTransform = {},
  ) {
    this.child = childrenOf(parent, name);
  }

  /** Makes a namespace, once for all parts that share it; the cluster's own are there always. */
  namespace(name: string, { podSecurity, labels, holdsData = false }: Kind = {}): pulumi.Input<string> {
    if (name.startsWith("kube-")) return name;
    const known = this.namespaces.get(name);
    if (known) return known;
    const { metadata } = this.child(
      k8s.core.v1.Namespace,
      `${name}-namespace`,
      namespaceOf(name, { ...LABELS, ...labels }, podSecurity),
      this.transform.namespaces?.[name],
      { protect: this.plan.protectNamespaces, retainOnDelete: holdsData },
    );
    this.namespaces.set(name, metadata.name);
    if (holdsData) this.kept.push(metadata.name);
    return metadata.name;
  }

  /** Installs a chart, and waits until its pods are ready. */
  release<Values extends object>(
    chart: ReleaseName,
    wanted: Wanted<Values>,
    dependsOn: readonly pulumi.Resource[] = [],
  ): k8s.helm.v3.Release {
    const args = releaseOf(chart, wanted, this.plan.options.chartRepository);
    return this.child(k8s.helm.v3.Release, wanted.name, args, this.transform.releases?.[chart], { dependsOn: [...dependsOn] });
  }

  /** A Secret of values that the options name, or nothing where they name none; keys are those of the map. */
  secret(
    part: string,
    namespace: pulumi.Input<string>,
    names: Readonly<Record<string, string | undefined>>,
  ): k8s.core.v1.Secret | undefined {
    const entries = Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (entries.length === 0) return undefined;
    const data = Object.fromEntries(entries.map(([key, name]) => [key, this.plan.secretValue(name)]));
    return this.child(k8s.core.v1.Secret, part, secretOf({ namespace, labels: LABELS }, data));
  }
}
