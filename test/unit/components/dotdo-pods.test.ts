import { strict as assert } from "node:assert";
import { dotdoNetworkPolicyOf } from "../../../components/dotdo/network";
import { DotdoSettings, planOf } from "../../../components/dotdo/plan";
import { podsOf } from "../../../components/dotdo/pods";
import { at } from "./engine";

const image = { tag: "1.4.0" };
const pod = (args: Partial<DotdoSettings> = {}) => podsOf(planOf("dotdo", { image, ...args }), "config").spec.template.spec;
const policy = (args: Partial<DotdoSettings> = {}) =>
  (JSON.parse(JSON.stringify(dotdoNetworkPolicyOf(planOf("dotdo", { image, ...args })))) as ReturnType<typeof dotdoNetworkPolicyOf>).spec;

describe("pods of dotdo", () => {
  it("are all that the pod security standard restricted asks for, and more", () => {
    const { containers, ...spec } = pod();
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.enableServiceLinks, false);
    assert.deepEqual(spec.securityContext, {
      runAsUser: 1001,
      runAsGroup: 1001,
      fsGroup: 1001,
      runAsNonRoot: true,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("may write where npm, wrangler and the app do, below a home that exists", () => {
    const [main] = pod().containers;
    assert.deepEqual(
      main.volumeMounts.map(({ mountPath }) => mountPath),
      ["/tmp", "/home/dotdo", "/app/.wrangler", "/app/data"],
    );
    assert.equal(main.env.find(({ name }) => name === "HOME")?.["value" as never], "/home/dotdo");
  });

  it("have time to drain: the kill comes after the longest drain", () => {
    const spec = pod();
    assert.equal(spec.terminationGracePeriodSeconds, 3630);
    assert.ok(spec.containers[0].lifecycle.preStop.exec.command[2]?.includes("3600"));
  });

  it("ask for routes that the app has", () => {
    const [main] = pod().containers;
    for (const probe of [main.livenessProbe, main.readinessProbe, main.startupProbe]) assert.equal(probe?.httpGet.path, "/health");
  });

  it("know themselves and their peers (contract 1.3)", () => {
    const [main] = pod().containers;
    assert.deepEqual(
      main.env.slice(1).map((entry) => [entry.name, at(entry, "valueFrom.fieldRef.fieldPath")]),
      [
        ["POD_NAME", "metadata.name"],
        ["POD_IP", "status.podIP"],
        ["POD_NAMESPACE", "metadata.namespace"],
      ],
    );
  });
});

describe("network policy of dotdo", () => {
  const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
  const from = (namespace: string) => [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }];
  const own = [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" } } }];

  it("lets in its own pods, the ingress controller, Prometheus and the mesh, and nobody else", () => {
    assert.deepEqual(policy().ingress, [
      { from: own, ports: tcp(8787, 8788, 4143) },
      { from: from("ingress-nginx"), ports: tcp(8787, 4143) },
      { from: from("monitoring"), ports: tcp(8787, 4143, 4191) },
      { from: from("linkerd-viz"), ports: tcp(4190, 4191) },
    ]);
  });

  it("lets out to DNS, its own pods, the mesh's control plane, and HTTPS, Redis and Postgres anywhere", () => {
    const [dns, ...rest] = policy().egress;
    assert.deepEqual(dns?.ports, [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ]);
    assert.deepEqual(rest, [
      { to: own, ports: tcp(8787, 8788, 4143) },
      { to: from("linkerd"), ports: tcp(8080, 8086, 8090) },
      { ports: tcp(443, 6379, 5432) },
    ]);
  });

  it("has no rule for what is switched off", () => {
    const { ingress, egress } = policy({
      linkerd: { enabled: false },
      prometheus: { enabled: false },
      ingress: { enabled: false },
      networkPolicy: { egress: [] },
    });
    assert.deepEqual(ingress, [{ from: own, ports: tcp(8787, 8788) }]);
    assert.equal(egress.length, 2);
  });

  it("takes further rules by namespace, labels and addresses", () => {
    const { ingress, egress } = policy({
      networkPolicy: {
        ingressController: { namespace: "edge", podLabels: { app: "nginx" } },
        ingress: [{ peers: [{ namespaceLabels: { team: "core" }, podLabels: { app: "caller" } }] }],
        egress: [{ peers: [{ cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }], ports: [5432] }],
      },
    });
    assert.deepEqual(ingress[1]?.from, [{ ...from("edge")[0], podSelector: { matchLabels: { app: "nginx" } } }]);
    assert.deepEqual(ingress.at(-1), {
      from: [{ namespaceSelector: { matchLabels: { team: "core" } }, podSelector: { matchLabels: { app: "caller" } } }],
    });
    assert.deepEqual(egress.at(-1), { to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: tcp(5432) });
  });
});
