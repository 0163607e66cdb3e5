import { strict as assert } from "node:assert";
import type { StarterArgs } from "../../components/starter";
import { named, Planned } from "./components/engine";
import { development, given, planned, production } from "./starter-given";

type Path = readonly (string | number)[];
const get = (value: unknown, path: Path) =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);

const pods: Path = ["spec", "template", "spec"];
const container: Path = [...pods, "containers", 0];
const nginx = (name: string): Path => ["metadata", "annotations", `nginx.ingress.kubernetes.io/${name}`];

/** What is set, the object that shows it, where, and what stands there. */
const SHOWN: readonly [object, string, Path, unknown][] = [
  [{ api: { pullPolicy: "Always" } }, "starter-api-pods", [...container, "imagePullPolicy"], "Always"],
  [{ web: { pullPolicy: "Always" } }, "starter-web-pods", [...container, "imagePullPolicy"], "Always"],
  [{ api: { resources: { limits: { memory: "2Gi" } } } }, "starter-api-pods", [...container, "resources", "limits", "memory"], "2Gi"],
  [{ web: { resources: { requests: { cpu: "300m" } } } }, "starter-web-pods", [...container, "resources", "requests", "cpu"], "300m"],
  [{ worker: { resources: { limits: { cpu: "2" } } } }, "starter-worker-pods", [...container, "resources", "limits", "cpu"], "2"],
  [{ worker: { replicaCount: 2 } }, "starter-worker-pods", ["spec", "replicas"], 2],
  [{ web: { writableSize: "2Gi" } }, "starter-web-pods", [...pods, "volumes", 0, "emptyDir", "sizeLimit"], "2Gi"],
  [{ api: { podLabels: { tier: "gold" } } }, "starter-api-pods", ["spec", "template", "metadata", "labels", "tier"], "gold"],
  [{ web: { podAnnotations: { note: "x" } } }, "starter-web-pods", ["spec", "template", "metadata", "annotations", "note"], "x"],
  [{ api: { service: { annotations: { note: "x" } } } }, "starter-api-service", ["metadata", "annotations", "note"], "x"],
  [{ api: { livenessProbe: { periodSeconds: 7 } } }, "starter-api-pods", [...container, "livenessProbe", "periodSeconds"], 7],
  [{ web: { readinessProbe: { enabled: false } } }, "starter-web-pods", [...container, "readinessProbe"], undefined],
  [{ ingress: { className: "traefik" } }, "starter-ingress", ["spec", "ingressClassName"], "traefik"],
  [{ ingress: { annotations: { note: "x" } } }, "starter-ingress", ["metadata", "annotations", "note"], "x"],
  [{ ingress: { clusterIssuer: "le" } }, "starter-ingress", ["metadata", "annotations", "cert-manager.io/cluster-issuer"], "le"],
  [{ ingress: { bodySize: "50m" } }, "starter-ingress", nginx("proxy-body-size"), "50m"],
  [{ ingress: { readTimeoutSeconds: 5 } }, "starter-ingress", nginx("proxy-read-timeout"), "5"],
  [{ ingress: { sendTimeoutSeconds: 5 } }, "starter-ingress", nginx("proxy-send-timeout"), "5"],
  [{ ingress: { sslRedirect: false } }, "starter-ingress", nginx("ssl-redirect"), "false"],
  [{ ingressPaths: { web: "/shop" } }, "starter-ingress", ["spec", "rules", 0, "http", "paths", 1, "path"], "/shop"],
  [{ externalSecrets: { refreshInterval: "5m" } }, "starter-api-secret", ["spec", "refreshInterval"], "5m"],
  [
    { externalSecrets: { secretStoreRef: { kind: "SecretStore" } } },
    "starter-api-secret",
    ["spec", "secretStoreRef", "kind"],
    "SecretStore",
  ],
  [{ autoscaling: { api: { minReplicas: 3 } } }, "starter-api-autoscaler", ["spec", "minReplicas"], 3],
  [{ autoscaling: { web: { maxReplicas: 4 } } }, "starter-web-autoscaler", ["spec", "maxReplicas"], 4],
  [
    { autoscaling: { targetCPUUtilizationPercentage: 60 } },
    "starter-web-autoscaler",
    ["spec", "metrics", 0, "containerResource", "target", "averageUtilization"],
    60,
  ],
  [{ migrations: { backoffLimit: 1 } }, "starter-migration", ["spec", "backoffLimit"], 1],
  [{ migrations: { activeDeadlineSeconds: 60 } }, "starter-migration", ["spec", "activeDeadlineSeconds"], 60],
  [{ migrations: { resources: { limits: { cpu: "2" } } } }, "starter-migration", [...container, "resources", "limits", "cpu"], "2"],
  [{ serviceAccount: { annotations: { note: "x" } } }, "starter-account", ["metadata", "annotations", "note"], "x"],
  [{ serviceAccount: { name: "shop" } }, "starter-api-pods", [...pods, "serviceAccountName"], "shop"],
  [{ serviceAccount: { create: false } }, "starter-migration", [...pods, "serviceAccountName"], "default"],
  [{ serviceAccount: { automount: true } }, "starter-web-pods", [...pods, "automountServiceAccountToken"], true],
  [{ securityContext: { runAsUser: 1000 } }, "starter-api-pods", [...pods, "securityContext", "runAsUser"], 1000],
  [{ podDisruptionBudget: { maxUnavailable: 2 } }, "starter-api-budget", ["spec", "maxUnavailable"], 2],
  [{ topologySpreadConstraints: { maxSkew: 2 } }, "starter-api-pods", [...pods, "topologySpreadConstraints", 0, "maxSkew"], 2],
  [{ topologySpreadConstraints: { enabled: false } }, "starter-api-pods", [...pods, "topologySpreadConstraints"], []],
  [{ drainSeconds: 5 }, "starter-api-pods", [...container, "lifecycle", "preStop", "exec", "command"], ["sleep", "5"]],
  [{ terminationGracePeriodSeconds: 50 }, "starter-web-pods", [...pods, "terminationGracePeriodSeconds"], 50],
  [{ commonLabels: { team: "a" } }, "starter-ingress", ["metadata", "labels", "team"], "a"],
  [{ imagePullSecrets: ["pull"] }, "starter-migration", [...pods, "imagePullSecrets"], [{ name: "pull" }]],
  [{ fullnameOverride: "shop" }, "starter-web-service", ["metadata", "name"], "shop-web"],
  [
    { namespace: { podSecurity: "baseline" } },
    "starter-namespace",
    ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
    "baseline",
  ],
  [
    { networkPolicy: { ingressController: { namespace: "edge" } } },
    "starter-web-network-policy",
    ["spec", "ingress", 0, "from", 0, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"],
    "edge",
  ],
];

describe("Starter: options", function () {
  this.timeout(20_000);
  const base = given(production, { worker: { enabled: true, env: { ENABLE_BILLING: false } } });
  let usual: Planned[] = [];
  before(async () => (usual = await planned(base)));

  for (const [changes, object, path, value] of SHOWN) {
    it(`${JSON.stringify(changes)} shows in ${object}`, async () => {
      assert.notDeepEqual(get(named(usual, object), path), value, "it is so anyway");
      assert.deepEqual(get(named(await planned(given(base, changes)), object), path), value);
    });
  }

  it("make no object where it is switched off", async () => {
    const off: StarterArgs = given(base, {
      podDisruptionBudget: { enabled: false },
      networkPolicy: { enabled: false },
      autoscaling: { enabled: false },
      serviceAccount: { create: false },
      namespace: { create: false },
      ingress: { enabled: false, hosts: [], tls: [] },
      api: { env: { APP_PUBLIC_URL: "https://www.example.com" } },
    });
    assert.deepEqual((await planned(off)).map(({ name }) => name).sort(), [
      "starter",
      "starter-api-pods",
      "starter-api-secret",
      "starter-api-service",
      "starter-migration",
      "starter-web-pods",
      "starter-web-service",
      "starter-worker-pods",
    ]);
  });

  it("size the claim of key files", async () => {
    const sized = await planned(given(development, { keyStore: { storage: "2Gi", storageClass: "fast" } }));
    assert.equal(get(named(sized, "starter-keys"), ["spec", "resources", "requests", "storage"]), "2Gi");
    assert.equal(get(named(sized, "starter-keys"), ["spec", "storageClassName"]), "fast");
  });
});
