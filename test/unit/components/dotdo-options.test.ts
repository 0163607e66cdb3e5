import { strict as assert } from "node:assert";
import * as z from "zod";
import { Dotdo, DotdoArgs } from "../../../components/dotdo";
import * as objects from "../../../components/dotdo/objects";
import { DotdoOptions } from "../../../components/dotdo/options";
import { planOf } from "../../../components/dotdo/plan";
import { podsOf } from "../../../components/dotdo/pods";
import { at, plan, refusals } from "./engine";

const image = { tag: "1.4.0" };
const plain = () => DotdoOptions.parse({ image });

/** A value of a Kubernetes object that the options ask for: `<object> <path>`. */
const seen = (where: string, args: Partial<DotdoArgs> = {}) => {
  const wanted = planOf("dotdo", { image, ...args });
  const made = {
    pods: () => podsOf(wanted, "config"),
    namespace: () => objects.dotdoNamespaceOf(wanted),
    config: () => objects.configOf(wanted),
    service: () => objects.dotdoServiceOf(wanted),
    headless: () => objects.dotdoHeadlessOf(wanted),
    account: () => objects.accountOf(wanted),
    ingress: () => objects.dotdoIngressOf(wanted),
    autoscaler: () => objects.dotdoAutoscalerOf(wanted),
    budget: () => objects.dotdoBudgetOf(wanted),
    monitor: () => objects.dotdoMonitorOf(wanted),
  };
  const [object, path = ""] = where.split(" ");
  return at(JSON.parse(JSON.stringify(made[object as keyof typeof made]())), path);
};

const POD = "pods spec.template.spec";
const MAIN = `${POD}.containers.0`;

describe("options of dotdo", () => {
  describe("have the defaults of the seed's tables and of the chart", () => {
    const defaults: [path: string, value: unknown][] = [
      ["replicaCount", 3],
      ["image.repository", "ghcr.io/dot-do/dotdo"],
      ["image.pullPolicy", "IfNotPresent"],
      ["service.type", "ClusterIP"],
      ["service.port", 8787],
      ["service.rpcPort", 8788],
      ["ingress.enabled", true],
      ["ingress.className", "nginx"],
      ["ingress.hosts", [{ host: "do.example.com", paths: [{ path: "/", pathType: "Prefix" }] }]],
      ["ingress.bodySize", "50m"],
      ["ingress.readTimeoutSeconds", 3600],
      ["ingress.sendTimeoutSeconds", 3600],
      ["autoscaling.enabled", true],
      ["autoscaling.minReplicas", 2],
      ["autoscaling.maxReplicas", 100],
      ["autoscaling.targetCPUUtilizationPercentage", 70],
      ["autoscaling.targetMemoryUtilizationPercentage", 80],
      ["autoscaling.customMetrics.enabled", false],
      ["autoscaling.customMetrics.activeDoInstances", { enabled: false, targetAverageValue: 1000 }],
      ["autoscaling.customMetrics.requestsPerSecond", { enabled: false, targetAverageValue: 500 }],
      ["linkerd.enabled", true],
      ["prometheus.enabled", true],
      ["prometheus.path", "/metrics"],
      ["prometheus.serviceMonitor.enabled", true],
      ["prometheus.serviceMonitor.interval", "30s"],
      ["prometheus.serviceMonitor.scrapeTimeout", "10s"],
      ["env.NODE_ENV", "production"],
      ["env.LOG_LEVEL", "info"],
      ["env.TURSO_URL", ""],
      ["env.R2_ENDPOINT", ""],
      ["env.R2_BUCKET", ""],
      ["env.REDIS_URL", ""],
      ["env.DO_MAX_CONCURRENT", 1000],
      ["env.DO_IDLE_TIMEOUT", 60000],
      ["env.DO_RPC_TIMEOUT", 30000],
      ["secrets", { create: true }],
      ["podDisruptionBudget.enabled", true],
      ["resources", { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1000m", memory: "512Mi" } }],
      [
        "livenessProbe",
        { enabled: true, path: "/health", initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      ],
      // not the chart's /ready, which the app does not have
      [
        "readinessProbe",
        { enabled: true, path: "/health", initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      ],
      [
        "topologySpreadConstraints",
        { enabled: true, maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
      ],
      ["fly.primaryRegion", "iad"],
      ["fly.regions", ["iad", "lax", "fra", "sin"]],
    ];
    for (const [path, value] of defaults) it(path, () => assert.deepEqual(at(plain(), path), value));

    it("image.tag: none, for there is no default tag", () => {
      assert.deepEqual(refusals(() => new Dotdo("dotdo", { image: {} })).length, 1);
    });
  });

  describe("are seen in what is deployed", () => {
    const reached: [option: string, args: Partial<DotdoArgs>, where: string, value: unknown][] = [
      [
        "image.repository, tag, digest",
        { image: { repository: "r.example.com/dotdo", tag: "2", digest: `sha256:${"a".repeat(64)}` } },
        `${MAIN}.image`,
        `r.example.com/dotdo:2@sha256:${"a".repeat(64)}`,
      ],
      ["image.pullPolicy", { image: { ...image, pullPolicy: "Always" } }, `${MAIN}.imagePullPolicy`, "Always"],
      ["imagePullSecrets", { imagePullSecrets: ["registry"] }, `${POD}.imagePullSecrets`, [{ name: "registry" }]],
      ["fullnameOverride", { fullnameOverride: "objects" }, "headless metadata.name", "objects-headless"],
      ["labels", { labels: { team: "core" } }, "autoscaler metadata.labels.team", "core"],
      ["namespace.name", { namespace: { name: "edge" } }, "service metadata.namespace", "edge"],
      ["namespace.labels", { namespace: { labels: { tier: "web" } } }, "namespace metadata.labels.tier", "web"],
      ["service.type", { service: { type: "LoadBalancer" } }, "service spec.type", "LoadBalancer"],
      ["service.port", { service: { port: 80 } }, "headless spec.ports.0", { name: "http", port: 80, targetPort: "http" }],
      ["service.targetPort", { service: { targetPort: 9000 } }, `${MAIN}.ports.0.containerPort`, 9000],
      ["service.rpcPort", { service: { rpcPort: 9001 } }, "headless spec.ports.1", { name: "rpc", port: 9001, targetPort: "rpc" }],
      ["service.rpcPort: null", { service: { rpcPort: null } }, "service spec.ports.1", undefined],
      ["service.annotations", { service: { annotations: { note: "x" } } }, "service metadata.annotations.note", "x"],
      ["ingress.className", { ingress: { className: "edge", controller: "nginx" } }, "ingress spec.ingressClassName", "edge"],
      ["ingress.hosts", { ingress: { hosts: [{ host: "a.example.com" }] } }, "ingress spec.rules.0.host", "a.example.com"],
      ["ingress.tls", { ingress: { tls: [{ secretName: "tls", hosts: ["do.example.com"] }] } }, "ingress spec.tls.0.secretName", "tls"],
      ["autoscaling.minReplicas", { autoscaling: { minReplicas: 5 } }, "autoscaler spec.minReplicas", 5],
      ["autoscaling.maxReplicas", { autoscaling: { maxReplicas: 200 } }, "autoscaler spec.maxReplicas", 200],
      [
        "autoscaling.targetCPUUtilizationPercentage",
        { autoscaling: { targetCPUUtilizationPercentage: 60 } },
        "autoscaler spec.metrics.0.containerResource.target.averageUtilization",
        60,
      ],
      [
        "autoscaling.targetMemoryUtilizationPercentage",
        { autoscaling: { targetMemoryUtilizationPercentage: 65 } },
        "autoscaler spec.metrics.1.containerResource.target.averageUtilization",
        65,
      ],
      [
        "autoscaling.customMetrics.activeDoInstances",
        { autoscaling: { customMetrics: { enabled: true, activeDoInstances: { enabled: true } } } },
        "autoscaler spec.metrics.2.pods",
        { metric: { name: "dotdo_active_instances" }, target: { type: "AverageValue", averageValue: "1000" } },
      ],
      [
        "autoscaling.customMetrics.requestsPerSecond",
        { autoscaling: { customMetrics: { enabled: true, requestsPerSecond: { enabled: true, targetAverageValue: "750m" } } } },
        "autoscaler spec.metrics.2.pods.target.averageValue",
        "750m",
      ],
      [
        "autoscaling.customMetrics, one switch of two",
        { autoscaling: { customMetrics: { requestsPerSecond: { enabled: true } } } },
        "autoscaler spec.metrics.2",
        undefined,
      ],
      ["env: a default", {}, "config data.DO_MAX_CONCURRENT", "1000"],
      ["env: an empty one is not set", {}, "config data.TURSO_URL", undefined],
      ["env: any further one", { env: { OPENAI_BASE_URL: "http://x" } }, "config data.OPENAI_BASE_URL", "http://x"],
      ["extraEnvFrom", { extraEnvFrom: [{ secret: "auth" }] }, `${MAIN}.envFrom.1.secretRef.name`, "auth"],
      ["linkerd.enabled", {}, "pods spec.template.metadata.annotations", { "linkerd.io/inject": "enabled" }],
      ["linkerd.enabled: false", { linkerd: { enabled: false } }, "pods spec.template.metadata.annotations", undefined],
      [
        "linkerd.mtls",
        { linkerd: { mtls: true } },
        "pods spec.template.metadata.annotations",
        { "linkerd.io/inject": "enabled", "config.linkerd.io/default-inbound-policy": "all-authenticated" },
      ],
      ["prometheus.path", { prometheus: { path: "/stats" } }, "monitor spec.endpoints.0.path", "/stats"],
      [
        "prometheus.serviceMonitor.interval",
        { prometheus: { serviceMonitor: { interval: "15s" } } },
        "monitor spec.endpoints.0.interval",
        "15s",
      ],
      [
        "prometheus.serviceMonitor.labels",
        { prometheus: { serviceMonitor: { labels: { release: "prometheus" } } } },
        "monitor metadata.labels.release",
        "prometheus",
      ],
      [
        "prometheus.serviceMonitor.namespace",
        { prometheus: { serviceMonitor: { namespace: "watch" } } },
        "monitor metadata.namespace",
        "watch",
      ],
      ["podDisruptionBudget: default", {}, "budget spec.minAvailable", 1],
      ["podDisruptionBudget.minAvailable", { podDisruptionBudget: { minAvailable: "50%" } }, "budget spec.minAvailable", "50%"],
      [
        "podDisruptionBudget.maxUnavailable",
        { podDisruptionBudget: { maxUnavailable: 1 } },
        "budget spec",
        {
          maxUnavailable: 1,
          unhealthyPodEvictionPolicy: "AlwaysAllow",
          selector: { matchLabels: { "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" } },
        },
      ],
      [
        "resources",
        { resources: { requests: { cpu: "500m" }, limits: { memory: "1Gi" } } },
        `${MAIN}.resources`,
        { requests: { cpu: "500m", memory: "128Mi" }, limits: { cpu: "1000m", memory: "1Gi" } },
      ],
      ["readinessProbe.path", { readinessProbe: { path: "/ready" } }, `${MAIN}.readinessProbe.httpGet.path`, "/ready"],
      ["livenessProbe.enabled", { livenessProbe: { enabled: false } }, `${MAIN}.livenessProbe`, undefined],
      ["startupProbe.failureThreshold", { startupProbe: { failureThreshold: 60 } }, `${MAIN}.startupProbe.failureThreshold`, 60],
      [
        "topologySpreadConstraints",
        { topologySpreadConstraints: { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" } },
        `${POD}.topologySpreadConstraints.0.whenUnsatisfiable`,
        "DoNotSchedule",
      ],
      [
        "podAntiAffinity required",
        { podAntiAffinity: [{ topologyKey: "kubernetes.io/hostname", required: true }] },
        `${POD}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey`,
        "kubernetes.io/hostname",
      ],
      ["podAntiAffinity preferred", {}, `${POD}.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.1.weight`, 50],
      ["nodeSelector", { nodeSelector: { pool: "web" } }, `${POD}.nodeSelector`, { pool: "web" }],
      ["tolerations", { tolerations: [{ key: "spot", operator: "Exists" }] }, `${POD}.tolerations.0.key`, "spot"],
      ["serviceAccount.name", { serviceAccount: { create: false, name: "mine" } }, `${POD}.serviceAccountName`, "mine"],
      ["serviceAccount.annotations", { serviceAccount: { annotations: { role: "r" } } }, "account metadata.annotations.role", "r"],
      ["serviceAccount.automount", { serviceAccount: { automount: true } }, `${POD}.automountServiceAccountToken`, true],
      ["securityContext.runAsUser", { securityContext: { runAsUser: 1000 } }, `${POD}.securityContext.runAsUser`, 1000],
      [
        "securityContext.readOnlyRootFilesystem",
        { securityContext: { readOnlyRootFilesystem: false } },
        `${MAIN}.securityContext.readOnlyRootFilesystem`,
        false,
      ],
      [
        "writablePaths, writableSize",
        { writablePaths: ["/app/.wrangler"], writableSize: "2Gi" },
        `${POD}.volumes`,
        [{ name: "app-wrangler", emptyDir: { sizeLimit: "2Gi" } }],
      ],
      [
        "strategy",
        { strategy: { maxSurge: 1, maxUnavailable: "10%" } },
        "pods spec.strategy.rollingUpdate",
        { maxSurge: 1, maxUnavailable: "10%" },
      ],
      ["drain.maxSeconds", { drain: { maxSeconds: 120 } }, `${POD}.terminationGracePeriodSeconds`, 150],
      [
        "progressDeadlineSeconds, which Pulumi's wait ends with",
        { progressDeadlineSeconds: 30 },
        "pods metadata.annotations",
        { "pulumi.com/timeoutSeconds": "30" },
      ],
      ["progressDeadlineSeconds", { progressDeadlineSeconds: 30 }, "pods spec.progressDeadlineSeconds", 30],
      ["terminationGracePeriodSeconds", { terminationGracePeriodSeconds: 4000 }, `${POD}.terminationGracePeriodSeconds`, 4000],
      ["podAnnotations", { podAnnotations: { a: "b" }, linkerd: { enabled: false } }, "pods spec.template.metadata.annotations.a", "b"],
      ["podLabels", { podLabels: { a: "b" } }, "pods spec.template.metadata.labels.a", "b"],
      ["extraVolumes", { extraVolumes: [{ name: "ca", configMap: { name: "ca" } }] }, `${POD}.volumes.4.configMap.name`, "ca"],
      ["extraVolumeMounts", { extraVolumeMounts: [{ name: "ca", mountPath: "/ca" }] }, `${MAIN}.volumeMounts.4.mountPath`, "/ca"],
      [
        "extraContainers, made secure",
        { extraContainers: [{ name: "log", image: "log:1" }] },
        `${POD}.containers.1.securityContext.allowPrivilegeEscalation`,
        false,
      ],
      ["initContainers", { initContainers: [{ name: "wait", image: "wait:1" }] }, `${POD}.initContainers.0.name`, "wait"],
      ["fly: variables", { fly: { enabled: true, primaryRegion: "fra" } }, "config data.FLY_REGION", "fra"],
      ["fly.clusterRegion", { fly: { enabled: true, clusterRegion: "fra" } }, "config data.FLY_REGION", "fra"],
      ["fly.app", { fly: { enabled: true, app: "edge" } }, "config data.FLY_APP_NAME", "edge"],
      [
        "fly: pods",
        { fly: { enabled: true }, linkerd: { enabled: false } },
        "pods spec.template.metadata.annotations",
        { "fly.io/regions": "iad,lax,fra,sin", "fly.io/machines": "true", "fly.io/machine-size": "shared-cpu-2x" },
      ],
      [
        "fly: Service",
        { fly: { enabled: true } },
        "service metadata.annotations",
        { "pulumi.com/skipAwait": "true", "fly.io/internal": "true" },
      ],
    ];
    for (const [option, args, where, value] of reached) it(option, () => assert.deepEqual(seen(where, args), value));

    it("ingress: limits, redirect and issuer as annotations, and the caller's own word last", () => {
      const annotations = seen("ingress metadata.annotations", {
        ingress: {
          bodySize: "100m",
          readTimeoutSeconds: 60,
          sslRedirect: true,
          clusterIssuer: "letsencrypt-prod",
          tls: [{ secretName: "tls", hosts: ["do.example.com"] }],
          annotations: { "nginx.ingress.kubernetes.io/proxy-send-timeout": "30" },
        },
      });
      const nginx = "nginx.ingress.kubernetes.io";
      assert.deepEqual(annotations, {
        [`${nginx}/proxy-body-size`]: "100m",
        [`${nginx}/proxy-read-timeout`]: "60",
        [`${nginx}/proxy-send-timeout`]: "30",
        [`${nginx}/ssl-redirect`]: "true",
        "cert-manager.io/cluster-issuer": "letsencrypt-prod",
        [`${nginx}/upstream-hash-by`]: "$request_uri",
      });
    });

    for (const [option, args, part] of [
      ["ingress.enabled", { ingress: { enabled: false } }, "ingress"],
      ["podDisruptionBudget.enabled", { podDisruptionBudget: { enabled: false } }, "budget"],
      ["networkPolicy.enabled", { networkPolicy: { enabled: false } }, "network-policy"],
      ["prometheus.enabled", { prometheus: { enabled: false } }, "monitor"],
      ["serviceAccount.create", { serviceAccount: { create: false } }, "account"],
      ["namespace.create", { namespace: { create: false } }, "namespace"],
    ] as const) {
      it(`${option}: false leaves the object out`, async () => {
        const planned = await plan(() => new Dotdo("dotdo", { image, ...args }));
        assert.ok(!planned.some(({ name }) => name === `dotdo-${part}`));
      });
    }
  });

  describe("that contradict each other are refused, at the option to change", () => {
    const contradictions: [path: string, args: DotdoArgs][] = [
      ["autoscaling.minReplicas", { image, autoscaling: { minReplicas: 9, maxReplicas: 3 } }],
      ["autoscaling.enabled", { image, autoscaling: { targetCPUUtilizationPercentage: null, targetMemoryUtilizationPercentage: null } }],
      ["podDisruptionBudget.maxUnavailable", { image, podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } }],
      ["podDisruptionBudget.minAvailable", { image, podDisruptionBudget: { minAvailable: 2 } }],
      ["podDisruptionBudget.minAvailable", { image, autoscaling: { enabled: false }, replicaCount: 1 }],
      ["service.rpcPort", { image, service: { rpcPort: 8787 } }],
      ["ingress.tls.0.hosts", { image, ingress: { tls: [{ secretName: "tls", hosts: ["other.example.com"] }] } }],
      ["ingress.clusterIssuer", { image, ingress: { clusterIssuer: "letsencrypt-prod" } }],
      ["resources.requests.cpu", { image, resources: { requests: { cpu: "2" } } }],
      ["resources.requests.memory", { image, resources: { requests: { memory: "1Gi" } } }],
      ["drain.minSeconds", { image, drain: { minSeconds: 100, maxSeconds: 50 } }],
      ["terminationGracePeriodSeconds", { image, terminationGracePeriodSeconds: 30 }],
      ["linkerd.cni", { image, linkerd: { cni: false } }],
      ["strategy", { image, strategy: { maxSurge: 0, maxUnavailable: "0%" } }],
      ["networkPolicy.egress.0.peers", { image, networkPolicy: { egress: [{ peers: [] }] } }],
      [
        "networkPolicy.ingress.0.peers.0",
        { image, networkPolicy: { ingress: [{ peers: [{ cidr: "10.0.0.0/8", podLabels: { a: "b" } }] }] } },
      ],
      ["env.TURSO_TOKEN", { image, env: { TURSO_TOKEN: "t-9f31" } }],
      ["env.POD_IP", { image, env: { POD_IP: "10.0.0.1" } }],
      ["extraEnvFrom.0", { image, extraEnvFrom: [{}] }],
    ];
    for (const [path, args] of contradictions) {
      it(path, () => {
        const refused = refusals(() => new Dotdo("dotdo", args));
        assert.deepEqual(
          refused.map((text) => text.split(": ")[0]),
          [path],
        );
        assert.ok(!refused.join().includes("t-9f31"), "a value that may be secret is in the error");
      });
    }
  });

  it("carry a description each, for editors", () => {
    const undescribed: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      const properties = Object.entries((at(schema, "properties") ?? {}) as Record<string, unknown>);
      const choices = (at(schema, "anyOf") ?? []) as unknown[];
      for (const [key, property] of properties) {
        if (at(property, "description") === undefined) undescribed.push(`${path}${key}`);
        walk(property, `${path}${key}.`);
      }
      for (const inner of [at(schema, "items"), ...choices]) if (inner !== undefined) walk(inner, path);
    };
    const schema = z.toJSONSchema(DotdoOptions, { io: "input" });
    walk(schema, "");
    assert.deepEqual(undescribed, []);
    assert.equal(at(schema, "properties.autoscaling.properties.maxReplicas.default"), 100);
  });
});
