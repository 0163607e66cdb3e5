import { edgePodsOf, networkPolicyOf, Peer, Rule } from "../kubernetes/network";
import { metadataOf, Plan } from "./plan";

/** Linkerd's ports: the proxy takes connections for all ports of a meshed pod, and has its own for metrics and tap. */
const PROXY = 4143;
const PROXY_ADMIN = 4191;
const PROXY_TAP = 4190;
/** Of the control plane: identity, destination, policy. */
const CONTROL_PLANE = [8080, 8086, 8090];

/** Only dotdo's own peers in and out (contract 1.6), with what the mesh and the scraper need where they are on. */
export const dotdoNetworkPolicyOf = (plan: Plan) => {
  const { networkPolicy, service, linkerd, prometheus, ingress } = plan.options;
  const mesh = linkerd.enabled ? [PROXY] : [];
  const own: Rule = {
    peers: [{ podLabels: plan.selector }],
    ports: [service.targetPort, ...(service.rpcPort === null ? [] : [service.rpcPort]), ...mesh],
  };
  const edge = edgePodsOf(ingress, networkPolicy);
  const scraper: Peer = { namespace: prometheus.namespace };

  return networkPolicyOf(
    metadataOf(plan),
    plan.selector,
    [
      own,
      ...(ingress.enabled ? [{ peers: [edge], ports: [service.targetPort, ...mesh] }] : []),
      ...(prometheus.enabled
        ? [{ peers: [scraper], ports: [service.targetPort, ...mesh, ...(linkerd.enabled ? [PROXY_ADMIN] : [])] }]
        : []),
      ...(linkerd.enabled ? [{ peers: [{ namespace: linkerd.vizNamespace }], ports: [PROXY_TAP, PROXY_ADMIN] }] : []),
      ...networkPolicy.ingress,
    ],
    [
      own,
      ...(linkerd.enabled ? [{ peers: [{ namespace: linkerd.namespace }], ports: CONTROL_PLANE }] : []),
      ...plan.connectsTo.map(({ peer, port }) => ({ peers: [peer], ports: [port, ...mesh] })),
      ...networkPolicy.egress,
    ],
  );
};
