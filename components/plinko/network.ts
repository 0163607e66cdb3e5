import { filled } from "../kubernetes/filled";
import { edgePodsOf, networkPolicyOf, Peer, Rule } from "../kubernetes/network";
import { PORTS } from "./pods";
import { metadataOf, Part, Plan, selectorFor } from "./plan";

export const PARTS: readonly Part[] = [
  "eth-mock",
  "db-generator",
  "hint-generator",
  "update-service",
  "pir-server",
  "cdn-mock",
  "rabby-wallet",
];

/** Who calls whom inside; what is not here is refused. */
const CALLS: Readonly<Partial<Record<Part, readonly (keyof typeof PORTS)[]>>> = {
  "db-generator": ["eth-mock"],
  "update-service": ["eth-mock"],
  "rabby-wallet": ["pir-server", "cdn-mock"],
};
const PUBLIC: readonly Part[] = ["pir-server", "cdn-mock", "rabby-wallet"];

/** What one workload needs: its callers, those it calls, and DNS. */
export const plinkoNetworkPolicyOf = (plan: Plan, part: Part) => {
  const { networkPolicy, ingress } = plan.options;
  const pods = (of: Part): Peer => ({ podLabels: selectorFor(plan, of) });

  const callers = PARTS.filter((caller) => CALLS[caller]?.some((callee) => callee === part)).map(pods);
  const port = part in PORTS ? [PORTS[part as keyof typeof PORTS]] : [];
  const inside: Rule[] = callers.length > 0 ? [{ peers: callers, ports: port }] : [];
  const outside: Rule[] = PUBLIC.includes(part)
    ? [...(ingress.enabled ? [{ peers: [edgePodsOf(ingress, networkPolicy)], ports: port }] : []), ...networkPolicy.ingress]
    : [];
  const calls: Rule[] = (CALLS[part] ?? []).map((callee) => ({ peers: [pods(callee)], ports: [PORTS[callee]] }));
  const { metadata, spec } = networkPolicyOf(metadataOf(plan, part), selectorFor(plan, part), [...inside, ...outside], calls);
  return { metadata, spec: { ...spec, ingress: filled(spec.ingress) } };
};
