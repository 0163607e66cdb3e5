import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as z from "zod";
import { FluxionDb } from "../../components/fluxiondb";
import { databaseOf } from "../../components/fluxiondb/database";
import * as objects from "../../components/fluxiondb/objects";
import { FluxionDbInput, FluxionDbOptions } from "../../components/fluxiondb/options";
import { planOf } from "../../components/fluxiondb/plan";
import { at, plan, refusals } from "./components/engine";

const alice = { user: "alice", ram: "1Gi", image: { tag: "1.0.3" } };

/** A value of a Kubernetes object that the options ask for: `<object> <path>`. */
const seen = (where: string, args: Partial<FluxionDbInput> = {}) => {
  const wanted = planOf("alice", { ...alice, ...args, apiKey: args.secret?.name ? undefined : "ak-1" });
  const made = {
    database: () => databaseOf(wanted, "made"),
    namespace: () => objects.tenantNamespaceOf(wanted),
    claim: () => objects.tenantClaimOf(wanted),
    service: () => objects.tenantServiceOf(wanted),
    account: () => objects.accountOf(wanted),
    ingress: () => objects.tenantIngressOf(wanted),
    network: () => objects.tenantNetworkPolicyOf(wanted),
    key: () => objects.keyOf(wanted),
    backup: () => objects.backupScheduleOf(wanted),
  };
  const [object, path = ""] = where.split(" ");
  const value: unknown = JSON.parse(JSON.stringify(made[object as keyof typeof made]()));
  // keys of annotations and labels have dots of their own: they stand last, after a bracket
  const [outer = "", key] = path.split("[");
  return key === undefined ? at(value, outer) : (at(value, outer) as Record<string, unknown>)[key];
};

const POD = "database spec.template.spec";
const MAIN = `${POD}.containers.0`;
const NGINX = "ingress metadata.annotations[nginx.ingress.kubernetes.io/";
const ON = { enabled: true };

describe("options of FluxionDB", () => {
  describe("have the defaults of the seed's tables and of the chart", () => {
    const defaults: [path: string, value: unknown][] = [
      ["replicaCount", 1],
      ["suspended", false],
      ["image.repository", "volandoo/fluxiondb"],
      ["image.pullPolicy", "IfNotPresent"],
      ["env.flushInterval", 15],
      ["env.dataFolder", "/data"],
      ["persistence.enabled", true],
      ["persistence.storageClass", undefined],
      ["persistence.existingClaim", undefined],
      ["secret.create", true],
      ["secret.name", undefined],
      ["secret.key", "secret-key"],
      ["service.type", "ClusterIP"],
      ["service.port", 8080],
      ["livenessProbe", { enabled: true, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }],
      ["readinessProbe", { enabled: true, initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 }],
      ["ingress.enabled", false],
      ["ingress.className", "nginx"],
      ["ingress.host", "{user}.fluxiondb.com"],
      ["ingress.tls", { enabled: true, secretName: "{user}-fluxiondb-tls", clusterIssuer: "letsencrypt-prod" }],
      ["ingress.readTimeoutSeconds", 3600],
      ["ingress.sendTimeoutSeconds", 3600],
      ["serviceAccount.create", false],
      ["securityContext", { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, readOnlyRootFilesystem: true }],
      // on, where the chart has it off
      ["networkPolicy.enabled", true],
      ["quota.enabled", true],
    ];
    const options = FluxionDbOptions.parse(alice);
    for (const [path, value] of defaults) {
      it(`${path} is ${JSON.stringify(value)}`, () => assert.deepEqual(at(options, path), value));
    }
  });

  describe("are seen in what is deployed", () => {
    const shown: [option: string, args: Partial<FluxionDbInput>, where: string, value: unknown][] = [
      ["user", { user: "bob-2" }, "namespace metadata.name", "fluxiondb-bob-2"],
      ["ram", { ram: "4Gi" }, `${MAIN}.resources.limits.memory`, "4Gi"],
      ["ram on its claim", { ram: "4Gi" }, "claim metadata.annotations[stackyard.dev/ram", "4Gi"],
      [
        "image.repository",
        { image: { repository: "mirror.example.com/fluxiondb", tag: "1" } },
        `${MAIN}.image`,
        "mirror.example.com/fluxiondb:1",
      ],
      ["image.tag", {}, `${MAIN}.image`, "volandoo/fluxiondb:1.0.3"],
      ["image.digest", { image: { digest: `sha256:${"a".repeat(64)}` } }, `${MAIN}.image`, `volandoo/fluxiondb@sha256:${"a".repeat(64)}`],
      ["image.pullPolicy", { image: { tag: "1", pullPolicy: "Always" } }, `${MAIN}.imagePullPolicy`, "Always"],
      ["imagePullSecrets", { imagePullSecrets: ["registry"] }, `${POD}.imagePullSecrets`, [{ name: "registry" }]],
      ["labels", { labels: { team: "data" } }, "claim metadata.labels[team", "data"],
      [
        "podAnnotations",
        { podAnnotations: { "prometheus.io/port": "8080" } },
        "database spec.template.metadata.annotations[prometheus.io/port",
        "8080",
      ],
      ["podLabels", { podLabels: { tier: "gold" } }, "database spec.template.metadata.labels[tier", "gold"],
      ["namespace.labels", { namespace: { labels: { team: "data" } } }, "namespace metadata.labels[team", "data"],
      ["env.flushInterval", { env: { flushInterval: 30 } }, `${MAIN}.args.1`, "--flush-interval=30"],
      ["env.dataFolder", { env: { dataFolder: "/srv/flux" } }, `${MAIN}.volumeMounts.0.mountPath`, "/srv/flux"],
      ["persistence.accessModes, which are fixed", {}, "claim spec.accessModes", ["ReadWriteOnce"]],
      ["persistence.size", { persistence: { size: "20Gi" } }, "claim spec.resources.requests.storage", "20Gi"],
      ["persistence.storageClass", { persistence: { storageClass: "fast-ssd" } }, "claim spec.storageClassName", "fast-ssd"],
      ["backup.schedule", { backup: { schedule: "30 1 * * sun" } }, "backup spec.schedule", "30 1 * * sun"],
      ["backup.keepDays", { backup: { keepDays: 7 } }, "backup spec.template.ttl", "168h0m0s"],
      ["backup.volumes, files", { backup: {} }, "backup spec.template.defaultVolumesToFsBackup", true],
      ["backup.volumes, no snapshots of them", { backup: {} }, "backup spec.template.snapshotVolumes", false],
      ["backup.volumes, snapshots", { backup: { volumes: "snapshots" } }, "backup spec.template.snapshotVolumes", true],
      ["backup.volumes, no files of them", { backup: { volumes: "snapshots" } }, "backup spec.template.defaultVolumesToFsBackup", false],
      ["backup.namespace", { backup: { namespace: "backups" } }, "backup metadata.namespace", "backups"],
      ["backup, of the tenant's namespace alone", { backup: {} }, "backup spec.template.includedNamespaces", ["fluxiondb-alice"]],
      ["backup, kept when the schedule goes", { backup: {} }, "backup spec.useOwnerReferencesInBackup", false],
      ["secret.key", { secret: { key: "token" } }, "key stringData[token", "ak-1"],
      ["secret.name", { secret: { name: "mine" } }, `${MAIN}.env.0.valueFrom.secretKeyRef.key`, "secret-key"],
      ["resources.requests.cpu", { resources: { requests: { cpu: "900m" } } }, `${MAIN}.resources.requests.cpu`, "900m"],
      ["resources.limits.cpu", { resources: { limits: { cpu: "3" } } }, `${MAIN}.resources.limits.cpu`, "3"],
      ["service.type", { service: { type: "NodePort" }, networkPolicy: { clients: "anywhere" } }, "service spec.type", "NodePort"],
      ["service.port", { service: { port: 9000 } }, "service spec.ports", [{ name: "http", port: 9000, targetPort: "http" }]],
      ["service.port, and the program's own", { service: { port: 9000 } }, `${MAIN}.ports.0.containerPort`, 8080],
      ["service.annotations", { service: { annotations: { "example.com/lb": "a" } } }, "service metadata.annotations[example.com/lb", "a"],
      ["startupProbe", {}, `${MAIN}.startupProbe.failureThreshold`, 120],
      [
        "livenessProbe",
        { livenessProbe: { initialDelaySeconds: 60 } },
        `${MAIN}.livenessProbe`,
        { tcpSocket: { port: "http" }, initialDelaySeconds: 60, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      ],
      [
        "readinessProbe",
        { readinessProbe: { initialDelaySeconds: 7 } },
        `${MAIN}.readinessProbe`,
        { tcpSocket: { port: "http" }, initialDelaySeconds: 7, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      ],
      ["startupProbe.enabled", { startupProbe: { enabled: false } }, `${MAIN}.startupProbe`, undefined],
      ["livenessProbe.enabled", { livenessProbe: { enabled: false } }, `${MAIN}.livenessProbe`, undefined],
      ["readinessProbe.enabled", { readinessProbe: { enabled: false } }, `${MAIN}.readinessProbe`, undefined],
      ["ingress.className", { ingress: { ...ON, className: "edge", controller: "nginx" } }, "ingress spec.ingressClassName", "edge"],
      ["ingress.host", { ingress: { ...ON, host: "{user}.db.example.com" } }, "ingress spec.rules.0.host", "alice.db.example.com"],
      [
        "ingress.annotations",
        { ingress: { ...ON, annotations: { "example.com/a": "b" } } },
        "ingress metadata.annotations[example.com/a",
        "b",
      ],
      ["ingress.tls.secretName", { ingress: { ...ON, tls: { secretName: "tls-{user}" } } }, "ingress spec.tls.0.secretName", "tls-alice"],
      ["ingress.tls.enabled", { ingress: { ...ON, tls: { enabled: false } } }, "ingress spec.tls", undefined],
      [
        "ingress.tls.enabled, and its issuer",
        { ingress: { ...ON, tls: { enabled: false } } },
        "ingress metadata.annotations[cert-manager.io/cluster-issuer",
        undefined,
      ],
      [
        "ingress.tls.clusterIssuer",
        { ingress: { ...ON, tls: { clusterIssuer: null } } },
        "ingress metadata.annotations[cert-manager.io/cluster-issuer",
        undefined,
      ],
      ["ingress.sslRedirect", { ingress: { ...ON, sslRedirect: true } }, `${NGINX}ssl-redirect`, "true"],
      ["ingress.bodySize", { ingress: { ...ON, bodySize: "8m" } }, `${NGINX}proxy-body-size`, "8m"],
      ["ingress.readTimeoutSeconds", { ingress: { ...ON, readTimeoutSeconds: 60 } }, `${NGINX}proxy-read-timeout`, "60"],
      ["ingress.sendTimeoutSeconds", { ingress: { ...ON, sendTimeoutSeconds: 60 } }, `${NGINX}proxy-send-timeout`, "60"],
      [
        "networkPolicy.clients",
        { networkPolicy: { clients: "anywhere" } },
        "network spec.ingress",
        [{ ports: [{ protocol: "TCP", port: 8080 }] }],
      ],
      [
        "networkPolicy.ingressController",
        { ingress: ON, networkPolicy: { ingressController: { podLabels: { app: "nginx" } } } },
        "network spec.ingress.1.from.0.podSelector",
        { matchLabels: { app: "nginx" } },
      ],
      [
        "networkPolicy.egress",
        { networkPolicy: { egress: [{ peers: "anywhere", ports: [443] }] } },
        "network spec.egress.1",
        { ports: [{ protocol: "TCP", port: 443 }] },
      ],
      ["serviceAccount.create", { serviceAccount: { create: true } }, `${POD}.serviceAccountName`, "fluxiondb"],
      ["serviceAccount.name", { serviceAccount: { create: true, name: "db" } }, "account metadata.name", "db"],
      [
        "serviceAccount.annotations",
        { serviceAccount: { create: true, annotations: { "example.com/role": "r" } } },
        "account metadata.annotations[example.com/role",
        "r",
      ],
      ["serviceAccount, without a token", { serviceAccount: { create: true } }, `${POD}.automountServiceAccountToken`, false],
      [
        "securityContext",
        { securityContext: { runAsUser: 1500, runAsGroup: 1501, fsGroup: 1502 } },
        `${POD}.securityContext`,
        {
          runAsUser: 1500,
          runAsGroup: 1501,
          fsGroup: 1502,
          runAsNonRoot: true,
          fsGroupChangePolicy: "OnRootMismatch",
          seccompProfile: { type: "RuntimeDefault" },
        },
      ],
      [
        "securityContext.readOnlyRootFilesystem",
        { securityContext: { readOnlyRootFilesystem: false } },
        `${MAIN}.securityContext.readOnlyRootFilesystem`,
        false,
      ],
      ["nodeSelector", { nodeSelector: { disk: "ssd" } }, `${POD}.nodeSelector`, { disk: "ssd" }],
      ["tolerations", { tolerations: [{ key: "db", operator: "Exists" }] }, `${POD}.tolerations`, [{ key: "db", operator: "Exists" }]],
    ];
    for (const [option, args, where, value] of shown) {
      it(option, () => assert.deepEqual(seen(where, args), value));
    }

    for (const [option, args, part] of [
      ["namespace.create", { namespace: { create: false } }, "namespace"],
      ["networkPolicy.enabled", { networkPolicy: { enabled: false } }, "network-policy"],
      ["quota.enabled", { quota: { enabled: false } }, "quota"],
    ] as const) {
      it(option, async () => {
        const partsOf = async (given: Partial<FluxionDbInput>) =>
          (await plan(() => new FluxionDb("alice", { ...alice, ...given, apiKey: "ak-1" }))).map(({ name }) => name);
        assert.ok((await partsOf({})).includes(`alice-${part}`));
        assert.ok(!(await partsOf(args)).includes(`alice-${part}`));
      });
    }
  });

  describe("are refused, with the value and what is accepted", () => {
    const refused: [args: Record<string, unknown>, expected: RegExp][] = [
      [{ user: "Alice" }, /^user: "Alice" is no user: .*fluxiondb-<user>.* 1 to 53 of a-z/],
      [{ user: "a_b" }, /^user: "a_b"/],
      [{ user: "-a" }, /^user: "-a"/],
      [{ user: "a-" }, /^user: "a-"/],
      [{ user: "" }, /^user: ""/],
      [{ user: "a".repeat(54) }, /^user: /],
      [{ ram: "lots" }, /^ram: "lots" is no size/],
      [{ persistence: { size: "lots" } }, /^persistence\.size: "lots" is no size/],
      [{ resources: { requests: { cpu: "lots" } } }, /^resources\.requests\.cpu: "lots" is no amount of CPU/],
      [{ ram: "512" }, /^ram: "512" is too little.*64Mi is the least/],
      [{ replicaCount: 2 }, /^replicaCount: can only be 1.*raise `ram`/],
      [{ image: {} }, /^image\.tag: is missing/],
      [{ env: { dataFolder: "/da$(HOME)" } }, /^env\.dataFolder: "\/da\$\(HOME\)" is no folder/],
      [{ persistence: { size: "1Gi" } }, /^persistence\.size: 1Gi is less than twice the RAM: set at least 2Gi for 1Gi/],
      [{ backup: { schedule: "0 25 * * *" } }, /^backup\.schedule: "0 25 \* \* \*" is no schedule: write minute, hour, .*"0 3 \* \* \*"/],
      [{ backup: { volumes: "all" } }, /^backup\.volumes: "all" is no way to back up: write files or snapshots/],
      [{ backup: { keepDays: 0 } }, /^backup\.keepDays: 0 is no/],
      [{ persistence: { existingClaim: "old", size: "4Gi" } }, /^persistence\.size: is not used beside persistence\.existingClaim/],
      [{ persistence: { existingClaim: "old", storageClass: "ssd" } }, /^persistence\.storageClass: is not used beside/],
      [{ persistence: { existingClaim: "old", enabled: false } }, /^persistence\.existingClaim: is not used where/],
      [{ persistence: { accessModes: ["ReadWriteMany"] } }, /^persistence\.accessModes: is no option/],
      [{ resources: { requests: { memory: "1Gi" } } }, /^resources\.requests\.memory: is no option/],
      [{ resources: { requests: { cpu: "3" } } }, /^resources\.requests\.cpu: 3 is more than the limit of 1000m/],
      [{ ingress: { host: "db.example.com" } }, /^ingress\.host: "db\.example\.com" would be the host of every tenant: put \{user\}/],
      [{ ingress: { host: "https://{user}.example.com" } }, /^ingress\.host: "https:.*" is no host pattern/],
      [{ user: "a".repeat(53), ingress: { ...ON, host: "{user}-of-fluxiondb.example.com" } }, /^ingress\.host: .* more than 63 characters/],
      [{ service: { type: "LoadBalancer" } }, /^networkPolicy\.clients: let in nobody from outside.*cidr/],
      [{ networkPolicy: { clients: [] } }, /^networkPolicy\.clients: is empty, so that nobody could connect/],
      [{ networkPolicy: { clients: [{}] } }, /^networkPolicy\.clients/],
    ];
    for (const [args, expected] of refused) {
      it(JSON.stringify(args).slice(0, 90), () => {
        const reasons = refusals(() => planOf("alice", { ...alice, apiKey: "ak-1", ...args }));
        assert.equal(reasons.length, 1, reasons.join("\n"));
        assert.match(reasons[0] ?? "", expected);
      });
    }
  });

  it("each stand in docs/systems/fluxiondb.md, with the default that they have", () => {
    const page = readFileSync("docs/systems/fluxiondb.md", "utf8");
    const rowsOf = (schema: z.core.JSONSchema.BaseSchema, path = ""): string[] =>
      Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
        if (typeof property === "boolean") return [];
        const value = property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``;
        return property.properties ? rowsOf(property, `${path}${name}.`) : [`| \`${path}${name}\` | ${value} |`];
      });
    const rows = rowsOf(z.toJSONSchema(FluxionDbOptions, { io: "input" }));
    assert.ok(rows.length > 50);
    assert.deepEqual(
      rows.filter((row) => !page.includes(row)),
      [],
    );
  });

  it("each say what they are, for editors", () => {
    const schema = z.toJSONSchema(FluxionDbOptions, { io: "input" });
    const silent = Object.entries(schema.properties ?? {}).filter(([, property]) => typeof property === "boolean" || !property.description);
    assert.deepEqual(
      silent.map(([name]) => name),
      [],
    );
  });
});
