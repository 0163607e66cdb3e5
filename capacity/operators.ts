import { objectOf, type KubeObject } from "../planned/objects";
import type { Values } from "../planned/resource";

interface ProxySpec {
  readonly provider?: {
    readonly kubernetes?: {
      readonly envoyDeployment?: {
        readonly replicas?: number;
        readonly container?: { readonly resources?: Values };
        readonly pod?: { readonly topologySpreadConstraints?: readonly Values[] };
      };
    };
  };
}

/** Kinds whose operators make pods that no object of a stack has, and that are not counted. */
const MAKERS = new Set(["Prometheus", "Alertmanager", "ThanosRuler"]);

/**
 * Workloads that operators make of a stack's objects: Envoy Gateway its proxies, as EnvoyProxy has them.
 *
 * @returns them, beside the objects
 */
export const withOperated = (objects: readonly KubeObject[]): KubeObject[] => [
  ...objects,
  ...objects.filter(({ kind }) => kind === "EnvoyProxy").map(proxiesOf),
];

/** Objects whose operators make further pods, of unknown size. */
export const uncounted = (objects: readonly KubeObject[]): string[] =>
  objects.filter(({ kind }) => MAKERS.has(kind)).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);

function proxiesOf({ name, namespace, spec }: KubeObject): KubeObject {
  const { replicas = 1, container, pod } = (spec as ProxySpec).provider?.kubernetes?.envoyDeployment ?? {};
  const constraints = pod?.topologySpreadConstraints ?? [];
  const [first] = constraints as { labelSelector?: { matchLabels?: Record<string, string> } }[];
  const labels = first?.labelSelector?.matchLabels ?? {};
  const podSpec = { containers: [{ name: "envoy", resources: container?.resources }], topologySpreadConstraints: constraints };
  return objectOf({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `envoy-${name}`, namespace },
    spec: { replicas, template: { metadata: { labels }, spec: podSpec } },
  });
}
