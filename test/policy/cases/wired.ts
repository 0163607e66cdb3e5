import { put, withField, type Fixture } from "../case";
import { deployment as whole } from "./fixtures";

const NAME = "app.kubernetes.io/name";
const named = (name: string) => ({ matchLabels: { [NAME]: name } });

/** A container that has no more than what is wired: no ports, and requests. */
export const container = (name: string) => ({
  name,
  image: `ghcr.io/example/${name}:1.2.3`,
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } },
});
export const deployment = (name = "api"): Fixture =>
  withField(whole(name), "spec.template.spec", { initContainers: [container("first")], containers: [container(name)] });

/** An object of namespace `example`, named as its resource. */
export const object = (type: string, name: string, spec: object, more: object = {}): Fixture => ({
  type: `kubernetes:${type}`,
  name,
  props: { metadata: { name, namespace: "example" }, spec, ...more },
});

export const namespace: Fixture = { type: "kubernetes:core/v1:Namespace", name: "namespace", props: { metadata: { name: "example" } } };
/** What a chart makes, nobody sees. */
export const chart: Fixture = {
  type: "kubernetes:helm.sh/v3:Release",
  name: "chart",
  props: { name: "chart", namespace: "example", chart: "other" },
};

export const service = (of = "api"): Fixture =>
  object("core/v1:Service", "service", { selector: { [NAME]: of }, ports: [{ name: "http", port: 80, targetPort: "http" }] });
export const networkPolicy = (of = "api"): Fixture =>
  object("networking.k8s.io/v1:NetworkPolicy", "network-policy", { podSelector: named(of), policyTypes: ["Ingress", "Egress"] });
export const budget = (of = "api", name = "budget"): Fixture =>
  object("policy/v1:PodDisruptionBudget", name, { selector: named(of), maxUnavailable: 1 });

/** The same after a change. */
export function after(stack: readonly Fixture[], ...changes: readonly ((stack: Fixture[]) => void)[]): readonly Fixture[] {
  const copy = structuredClone(stack) as Fixture[];
  for (const change of changes) change(copy);
  return copy;
}
/** With one field of the first fixture changed. */
export const changed = (stack: readonly Fixture[], path: string, value: unknown): readonly Fixture[] => after(stack, put(path, value));
