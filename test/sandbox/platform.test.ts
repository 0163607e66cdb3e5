import { strict as assert } from "node:assert";
import { execa } from "execa";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { dns01Of, issuerOf } from "../../components/platform/certificates";
import { PlatformOptions, type PlatformInput } from "../../components/platform/options";
import { providerOf, storeOf } from "../../components/platform/secret-store";
import { CHARTS } from "../../components/platform/versions";
import { serveCharts, type Charts } from "../../sandbox/charts";
import { modules } from "../../sandbox/toolchain";
import { moduleFolder } from "../../sandbox/toolchain/go";
import { blocksOf, blockWith, type } from "../support/runbook";
import { ON_A_PLATFORM, typeShown } from "../support/shown-shell";
import { environmentOf, printed, stackyard } from "../support/stackyard";
import { everything } from "../unit/platform-given";

const SANDBOX = `platform-${process.pid}`;
const STACK = `platform-${process.pid}`;
const on = ["--sandbox", SANDBOX];
const DIR = join(".sandbox", SANDBOX);

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
  readonly spec?: unknown;
}
interface Resource {
  readonly type: string;
  readonly inputs?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: unknown;
    readonly name?: string;
    readonly values?: object;
    readonly spec?: unknown;
  };
  readonly outputs: { readonly metadata: { readonly name: string; readonly namespace?: string } };
}

const vultr = { "service.beta.kubernetes.io/vultr-loadbalancer-protocol": "tcp" };
const ops = { email: { to: "ops@example.com", from: "alerts@example.com", smarthost: "smtp.example.com:587" } };
const all: PlatformInput = {
  ...everything,
  edge: { gateway: { ...everything.edge.gateway, service: { annotations: vultr } } },
  prometheus: { alertmanager: { receivers: { ops }, receiver: "ops" } },
  storageClasses: { standard: { existing: true, default: true }, retained: { provisioner: "kwok.x-k8s.io/volume" } },
  snapshotController: { classes: { kept: { driver: "kwok.x-k8s.io/volume" } } },
};

/** Whether the live value has all that was wanted: what a CRD does not know the API server leaves out. */
const holds = (wanted: unknown, live: unknown): boolean =>
  typeof wanted !== "object" || wanted === null
    ? wanted === live
    : Object.entries(wanted).every(([key, value]) => holds(value, (live as Record<string, unknown> | undefined)?.[key]));

describe("the sandbox's chart repository", function () {
  this.timeout("15m"); // cold, helm is built first
  const dir = mkdtempSync(join(tmpdir(), "stackyard-"));
  after(() => rmSync(dir, { recursive: true }));

  it("is at the same address each time, on loopback, and has every chart", async () => {
    const first = await serveCharts(dir);
    await first.close();
    const second = await serveCharts(dir);
    try {
      assert.equal(second.url, first.url);
      assert.match(second.url, /^http:\/\/127\.0\.0\.1:\d+$/);
      const index = parse(await (await fetch(`${second.url}/index.yaml`)).text()) as { entries: Record<string, { version: string }[]> };
      const served = Object.entries(index.entries).map(([chart, [{ version } = { version: "" }]]) => `${chart}@${version}`);
      assert.deepEqual(
        served.sort(),
        Object.values(CHARTS)
          .map(({ chart, version }) => `${chart}@${version}`)
          .sort(),
      );
      assert.equal((await fetch(`${second.url}/..%2findex.yaml`)).status, 404);
    } finally {
      await second.close();
    }
  });

  it("goes elsewhere where somebody else has taken its address meanwhile", async () => {
    const before = await serveCharts(dir);
    await before.close();
    const other = createServer((_, response) => response.end()).listen(Number(new URL(before.url).port), "127.0.0.1");
    await once(other, "listening");
    const charts = await serveCharts(dir);
    try {
      assert.notEqual(charts.url, before.url);
      assert.equal((await fetch(`${charts.url}/index.yaml`)).status, 200);
    } finally {
      await charts.close();
      other.close();
    }
  });
});

describe("the platform on the sandbox", function () {
  this.timeout("15m"); // cold, the programs are built first
  const temporary = mkdtempSync(join(tmpdir(), "stackyard-"));
  let env: Record<string, string>;
  let charts: Charts;

  const write = (platform: PlatformInput) =>
    writeFileSync(`Pulumi.${STACK}.yaml`, stringify({ config: { "stackyard:layers": ["platform"], "stackyard:platform": platform } }));
  const rewrite = async (platform: PlatformInput) => {
    write(platform);
    env = await environmentOf(SANDBOX, STACK);
  };
  const pulumi = (...args: string[]) => execa("pulumi", [...args, "--non-interactive"], { env, reject: false, all: true, stdin: "ignore" });
  const get = async (kind: string, namespace?: string): Promise<KubernetesObject[]> => {
    const where = namespace === undefined ? ["--all-namespaces"] : ["--namespace", namespace];
    const { stdout } = await execa("kubectl", ["get", kind, ...where, "-o", "json"], { env });
    return (JSON.parse(stdout) as { items: KubernetesObject[] }).items;
  };
  const resources = async (): Promise<Resource[]> => {
    const { stdout } = await execa("pulumi", ["stack", "export"], { env });
    return (JSON.parse(stdout) as { deployment: { resources: Resource[] } }).deployment.resources;
  };

  before(() => write(all));
  after(async () => {
    await charts?.close();
    rmSync(`Pulumi.${STACK}.yaml`, { force: true });
    rmSync(temporary, { recursive: true });
    await stackyard(["sandbox", "reset", ...on]);
  });

  it("comes up with every part, and says where things are", async () => {
    const { exitCode, stdout, stderr } = await stackyard(["up", STACK, ...on]);
    env = await environmentOf(SANDBOX, STACK);
    charts = await serveCharts(join(process.cwd(), DIR));
    assert.equal(exitCode, 0, `${stdout as string}\n${stderr as string}`);
    const { platform } = JSON.parse(
      (stdout as string).slice((stdout as string).indexOf("{\n"), (stdout as string).lastIndexOf("\n}") + 2),
    ) as {
      platform: { gateway: { addresses: string[] }; issuers: string[]; secretStore: object };
    };
    assert.match(platform.gateway.addresses[0] ?? "", /^192\.0\.2\.\d+$/);
    assert.deepEqual(platform.issuers, ["letsencrypt-prod"]);
    assert.deepEqual(platform.secretStore, { kind: "ClusterSecretStore", name: "stackyard" });
  });

  for (const [line, run] of Object.entries(ON_A_PLATFORM)) it(`is looked at as a page says: ${line}`, () => typeShown(line, run, env));

  it("has pods under the pod security of their namespaces, three of which are privileged", async () => {
    const namespaces = (await get("namespaces")).map(({ metadata }) => metadata as { name: string; labels?: Record<string, string> });
    const level = (name: string) => namespaces.find((namespace) => namespace.name === name)?.labels?.["pod-security.kubernetes.io/enforce"];
    const owners = new Set((await get("pods")).map(({ metadata }) => metadata.namespace ?? ""));
    assert.equal(owners.size, 13, [...owners].join());
    const privileged = [...owners].filter((name) => level(name) !== "restricted");
    assert.deepEqual(privileged.sort(), ["linkerd-cni", "node-exporter", "velero"]);
  });

  it("has custom objects of which the API server left nothing out", async () => {
    const custom = (await resources()).filter(({ type, inputs }) => inputs?.spec !== undefined && /\.(io|dev)\//.test(type));
    const seen = new Set<string>();
    for (const { inputs, outputs } of custom) {
      const kind = inputs?.kind ?? "";
      seen.add(kind);
      const live = (await get(`${kind.toLowerCase()}.${inputs?.apiVersion?.split("/")[0]}`)).find(
        ({ metadata }) => metadata.name === outputs.metadata.name && metadata.namespace === outputs.metadata.namespace,
      );
      assert.ok(holds(inputs?.spec, live?.spec), `${kind} ${outputs.metadata.name}: ${JSON.stringify(live?.spec)}`);
    }
    for (const kind of ["ClusterIssuer", "Certificate", "ClusterSecretStore", "GatewayClass", "Gateway", "EnvoyProxy", "Bundle"]) {
      assert.ok(seen.has(kind), `there is no ${kind}: ${[...seen].join(", ")}`);
    }
  });

  it("has solvers and stores of every provider that the CRDs take, without a field that they do not know", async () => {
    const solvers = {
      route53: { region: "eu-central-1", accessKeyId: "AKIA", secrets: { secretAccessKey: "x" } },
      cloudDns: { project: "p", secrets: { serviceAccountKey: "x" } },
      azureDns: { subscriptionId: "s", resourceGroup: "r", tenantId: "t", clientId: "c", secrets: { clientSecret: "x" } },
      cloudflare: { secrets: { apiToken: "x" } },
    };
    const dns01 = Object.fromEntries(
      Object.entries(solvers).map(([provider, given]) => [
        provider.toLowerCase(),
        { zones: [`${provider}.example.com`.toLowerCase()], [provider]: given },
      ]),
    );
    const stores = {
      aws: [{ region: "eu-central-1" }, { region: "eu-central-1", secrets: { accessKeyId: "x", secretAccessKey: "x" } }],
      gcp: [{ projectId: "p" }, { projectId: "p", secrets: { serviceAccountKey: "x" } }],
      azure: [
        { vaultUrl: "https://v.vault.azure.net" },
        { vaultUrl: "https://v.vault.azure.net", tenantId: "t", secrets: { clientId: "x", clientSecret: "x" } },
      ],
      vault: [
        { server: "https://vault.example.com", role: "r" },
        { server: "https://vault.example.com", secrets: { token: "x" } },
      ],
    };
    const issuers = { all: { email: "ops@example.com", server: "staging", http01: false, dns01 } };
    const { certManager } = PlatformOptions.parse({ certManager: { issuers } });
    const issuer = certManager?.issuers["all"];
    assert.ok(issuer);
    const proofs = Object.values(issuer.dns01).map((solver) => ({ zones: solver.zones, solver: dns01Of(solver, "credentials") }));
    const objects: object[] = [issuerOf("all", issuer, proofs)];
    for (const [provider, variants] of Object.entries(stores)) {
      for (const [index, given] of variants.entries()) {
        const { externalSecrets } = PlatformOptions.parse({ externalSecrets: { store: { [provider]: given } } });
        assert.ok(externalSecrets?.store);
        const credentials = index === 1 ? { name: "credentials", namespace: "external-secrets" } : undefined;
        objects.push(storeOf(`${provider}-${index}`, providerOf(externalSecrets.store, credentials, "external-secrets")));
      }
    }
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const applied = await execa("kubectl", ["create", "--dry-run=server", "--validate=strict", "-f", "-", "-o", "name"], {
      env,
      input,
      reject: false,
    });
    assert.equal(applied.exitCode, 0, applied.stderr);
    assert.equal(applied.stdout.split("\n").length, 9);
  });

  it("gives values that the makers' own charts take, as far as they are to be had here", async () => {
    const values = new Map(
      (await resources())
        .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
        .map(({ inputs }) => [inputs?.name, inputs?.values]),
    );
    const own = [
      ["github.com/cert-manager/cert-manager", "deploy/charts/cert-manager", "cert-manager"],
      ["github.com/cert-manager/trust-manager", "deploy/charts/trust-manager", "trust-manager"],
      ["github.com/envoyproxy/gateway", "charts/gateway-helm", "envoy-gateway"],
    ] as const;
    for (const [module, folder, release] of own) {
      const chart = join(temporary, release);
      cpSync(join(await moduleFolder(modules("crds"), module), folder), chart, { recursive: true });
      await execa("chmod", ["-R", "u+w", chart]);
      if (release === "envoy-gateway") {
        const template = readFileSync(join(chart, "values.tmpl.yaml"), "utf8");
        writeFileSync(
          join(chart, "values.yaml"),
          template.replaceAll("${GatewayImage}", "docker.io/envoyproxy/gateway:v1").replaceAll("${GatewayImagePullPolicy}", "Always"),
        );
      }
      const input = JSON.stringify(values.get(release));
      const rendered = await execa("helm", ["template", release, chart, "--kube-version", "1.36.0", "--values", "-"], {
        env,
        input,
        reject: false,
      });
      assert.equal(rendered.exitCode, 0, `${release}: ${rendered.stderr}`);
      if (release === "cert-manager") assert.match(rendered.stdout, /enableGatewayAPI: true/);
    }
  });

  it("hands Alertmanager its receivers, and Alloy where Loki is", async () => {
    const dataOf = async (kind: string, name: string, namespace: string) =>
      ((await get(kind, namespace)) as (KubernetesObject & { readonly data?: Record<string, string> })[]).find(
        ({ metadata }) => metadata.name === name,
      )?.data ?? {};
    const alertmanager = Buffer.from(
      (await dataOf("secrets", "alertmanager-kube-prometheus", "monitoring"))["alertmanager.yaml"] ?? "",
      "base64",
    );
    const { route, receivers } = JSON.parse(alertmanager.toString()) as { route: { receiver: string }; receivers: { name: string }[] };
    assert.deepEqual([route.receiver, receivers.map(({ name }) => name)], ["ops", ["null", "ops"]]);
    assert.match(
      (await dataOf("configmaps", "alloy", "alloy"))["config.alloy"] ?? "",
      /url = "http:\/\/loki\.loki\.svc:3100\/loki\/api\/v1\/push"/,
    );
  });

  it("changes nothing the second time", async () => {
    const { exitCode, all } = await pulumi("preview", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
  });

  it("is taken over where the state is lost, with every release as it is", async () => {
    const before = (await get("namespaces,deployments")).map(({ metadata: { uid } }) => uid).sort();
    rmSync(join(DIR, "state", ".pulumi", "stacks", "stackyard", `${STACK}.json`));
    const up = await stackyard(["up", STACK, ...on, "--take-over"]);
    assert.equal(up.exitCode, 0, printed(up));
    assert.deepEqual((await get("namespaces,deployments")).map(({ metadata: { uid } }) => uid).sort(), before);
    const { exitCode, all } = await pulumi("preview", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
  });

  it("names chart, repository and version where there is no such version", async () => {
    await rewrite({ ...all, loki: { version: "9.9.9" } });
    const { exitCode, all: said } = await pulumi("preview");
    assert.notEqual(exitCode, 0);
    for (const part of [/\bloki\b/, /9\.9\.9/, new RegExp(charts.url)]) assert.match(said, part);
  });

  it("takes a part away that is left out, and nothing else", async () => {
    await rewrite({ ...all, metricsServer: undefined });
    const { exitCode, all: said } = await pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, said);
    assert.match(said, /- 2 deleted/);
    // the one that is updated is the platform itself, whose arguments say less
    assert.match(said, /~ 1 updated\n/);
    assert.doesNotMatch(said, /created|replaced/);
    const namespaces = (await get("namespaces")).map(({ metadata }) => metadata.name);
    assert.ok(!namespaces.includes("metrics-server") && namespaces.includes("prometheus-adapter"));
  });

  it("gives Loki a larger volume by the runbook, while its pod runs on", async () => {
    const [before] = await get("pods", "loki");
    await type(blockWith(blocksOf("platform", "Loki's volume"), "--cascade=orphan"), env);
    const [pod] = await get("pods", "loki");
    assert.equal(pod?.metadata.uid, before?.metadata.uid);
    const [claim] = (await get("persistentvolumeclaims", "loki")) as { spec?: { resources: { requests: object } } }[];
    assert.deepEqual(claim?.spec?.resources.requests, { storage: "100Gi" });
    const [{ spec } = {}] = (await get("statefulsets", "loki")) as { spec?: { volumeClaimTemplates: { spec: object }[] } }[];
    assert.match(JSON.stringify(spec?.volumeClaimTemplates), /"storage":"100Gi"/);
  });

  it("names chart, repository and version where the repository cannot be reached", async () => {
    await charts.close();
    const { exitCode, all: said } = await pulumi("preview");
    assert.notEqual(exitCode, 0);
    assert.match(said, new RegExp(`chart [a-z0-9-]+ v?\\d+\\.\\d+\\.\\d+ of ${charts.url}: .*cannot be reached`));
  });
});
