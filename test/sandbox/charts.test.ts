import type { V1Deployment, V1Ingress, V1Job, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackyard } from "../support/stackyard";
import { TrialStack, type Config } from "../support/trial-stack";

const SANDBOX = `charts-${process.pid}`;
const CHARTS = "./test/fixtures/charts";
const TOKEN = "token-sandbox-4711";
const DATABASE = "postgresql+asyncpg://app:pw-sandbox-4712@db/app";

/** Options of dotdo that differ from one up to the next. */
interface Dotdo {
  readonly tag: string;
  readonly podAnnotations?: Record<string, string>;
}

/** Every system by a chart of ours, with the options that its chart can express. */
const byCharts =
  (secrets: unknown, dotdo: Dotdo) =>
  (config: Config): void => {
    const image = { tag: "1.0.0" };
    const chart = (name: string) => ({ path: `${CHARTS}/${name}`, timeoutSeconds: 60 });
    const noBudget = { podDisruptionBudget: { enabled: false } };
    Object.assign(config, {
      "stackyard:layers": ["dotdo", "fluxiondb", "plinko", "starter"],
      "stackyard:secrets": secrets,
      "stackyard:dotdo": {
        chart: chart("dotdo"),
        namespace: { name: "dotdo-dev" },
        image: { tag: dotdo.tag },
        podAnnotations: dotdo.podAnnotations ?? {},
        secrets: { tursoToken: "turso" },
        ingress: { hosts: [{ host: "dotdo.localhost" }] },
        prometheus: { enabled: false },
      },
      "stackyard:fluxiondb": {
        chart: chart("fluxiondb"),
        image,
        startupProbe: { enabled: false },
        tenants: { alice: { ram: "512Mi", generateKey: true } },
      },
      "stackyard:plinko": {
        chart: chart("plinko-pir"),
        namespace: { name: "plinko-dev", podSecurity: "baseline" },
        dbGenerator: { image },
        hintGenerator: { image },
        plinkoUpdateService: { image },
        plinkoPirServer: { image, ...noBudget },
        cdnMock: noBudget,
        rabbyWallet: { image, ...noBudget },
        networkPolicy: { enabled: false },
      },
      "stackyard:starter": {
        chart: chart("starter"),
        namespace: { name: "starter-dev" },
        api: {
          image: "ghcr.io/org/starter-api:dev",
          env: { ENVIRONMENT: "dev", AUTH_KEY_STORAGE_BACKEND: "secret-manager", ALLOWED_HOSTS: "*" },
          secrets: { DATABASE_URL: "database" },
        },
        web: { image: "ghcr.io/org/starter-web:dev" },
        externalSecrets: { enabled: false },
        migrations: { enabled: false },
        serviceAccount: { automount: true },
        securityContext: { readOnlyRootFilesystem: false },
        ingress: { hosts: [{ host: "app.localhost" }] },
      },
    });
  };

/** The same dotdo, object by object or by its chart, and nothing else. */
const onlyDotdo =
  (secrets: unknown, chart: boolean) =>
  (config: Config): void => {
    byCharts(secrets, { tag: "0.2.0" })(config);
    config["stackyard:layers"] = ["dotdo"];
    for (const layer of ["fluxiondb", "plinko", "starter"]) delete config[`stackyard:${layer}`];
    if (!chart) delete config["stackyard:dotdo"]?.["chart"];
  };

describe("systems by their own charts", function () {
  this.timeout("3m");
  let stack: TrialStack;
  let secrets: unknown;

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    stack = await TrialStack.on(SANDBOX);
    for (const [name, value] of Object.entries({ turso: TOKEN, database: DATABASE })) {
      const set = await stack.pulumi("config", "set", "--secret", "--path", `stackyard:secrets.${name}`, value);
      assert.equal(set.exitCode, 0, set.all);
    }
    const file = readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8");
    secrets = (parse(file) as { config: Config }).config["stackyard:secrets"];
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const deployments = (namespace: string) => stack.objects<V1Deployment>("deployments", "--namespace", namespace);
  const dotdo = async () => (await deployments("dotdo-dev")).find(({ metadata }) => metadata?.name === "dotdo");
  const imageOf = (deployment?: V1Deployment) => deployment?.spec?.template.spec?.containers[0]?.image;
  const helm = async (...args: string[]) => (await execa("helm", args, { env: stack.env })).stdout;
  const history = async () =>
    JSON.parse(await helm("history", "dotdo", "--namespace", "dotdo-dev", "--output", "json")) as { status: string; revision: number }[];

  it("are refused whole, with all that the charts cannot express, before anything is planned", async () => {
    stack.write((config) => {
      for (const [layer, name] of [
        ["dotdo", "dotdo"],
        ["starter", "starter"],
      ] as const)
        Object.assign(config[`stackyard:${layer}`] ?? {}, { chart: { path: `${CHARTS}/${name}` } });
    });
    const { exitCode, all = "" } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0);
    for (const key of [
      "dotdo.drain.maxSeconds",
      "dotdo.progressDeadlineSeconds",
      "starter.migrations.enabled",
      "starter.api.env.ALLOWED_HOSTS",
    ])
      assert.ok(all.includes(`stackyard:${key}\n`), `${key} is not named:\n${all}`);
    assert.equal((await stack.kubectl("get", "namespaces", "--output=name")).includes("dotdo-dev"), false);
  });

  it("are installed by the values that their charts document", async () => {
    stack.write(byCharts(secrets, { tag: "0.1.0" }));
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.exitCode, 0, up.all);
    assert.deepEqual(await stack.preview(), []);

    assert.equal(imageOf(await dotdo()), "ghcr.io/dot-do/dotdo:0.1.0");
    const [ingress] = await stack.objects<V1Ingress>("ingress", "--namespace=dotdo-dev", "--field-selector=metadata.name=dotdo");
    assert.equal(ingress?.metadata?.annotations?.["nginx.ingress.kubernetes.io/affinity"], undefined, "a cookie overrides the hash");
    const jobs = await stack.objects<V1Job>("jobs", "--namespace=plinko-dev");
    assert.deepEqual(
      jobs.map(({ spec }) => spec?.template.spec?.containers[0]?.env?.[0]?.value),
      ["8388608", "8388608"],
    );
    const names = (await deployments("starter-dev")).map(({ metadata, status }) => `${metadata?.name} ${status?.availableReplicas}`);
    assert.deepEqual(names.sort(), ["starter-api 1", "starter-web 1"]);
    assert.equal((await deployments("fluxiondb-alice"))[0]?.status?.availableReplicas, 1);
  });

  it("keep what is secret out of the state and out of what Helm keeps of dotdo", async () => {
    const folder = join(".sandbox", SANDBOX, "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const state = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
    for (const value of [TOKEN, "pw-sandbox-4712"]) assert.ok(!state.includes(value), "a secret stands in the state");
    assert.ok(!(await helm("get", "values", "dotdo", "--namespace", "dotdo-dev")).includes(TOKEN));
    assert.ok((await helm("get", "values", "starter", "--namespace", "starter-dev")).includes(DATABASE), "the chart has not got it");
  });

  it("are upgraded", async () => {
    stack.write(byCharts(secrets, { tag: "0.2.0" }));
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.exitCode, 0, up.all);
    assert.equal(imageOf(await dotdo()), "ghcr.io/dot-do/dotdo:0.2.0");
  });

  it("go back whole when a hook fails", async () => {
    stack.write(byCharts(secrets, { tag: "0.3.0", podAnnotations: { "stackyard.dev/sandbox-fault": "fail" } }));
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(up.exitCode, 0, up.all);
    const deployed = await dotdo();
    assert.equal(imageOf(deployed), "ghcr.io/dot-do/dotdo:0.2.0");
    assert.equal(deployed?.status?.unavailableReplicas, undefined);
    assert.deepEqual(
      (await history()).map(({ status }) => status),
      ["superseded", "superseded", "failed", "deployed"],
    );

    stack.write(byCharts(secrets, { tag: "0.2.0" }));
    const next = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(next.exitCode, 0, next.all);
  });

  it("do not become single objects in place", async () => {
    stack.write((config) => {
      byCharts(secrets, { tag: "0.2.0" })(config);
      for (const layer of ["dotdo", "fluxiondb", "plinko", "starter"]) delete config[`stackyard:${layer}`]?.["chart"];
    });
    const { exitCode, all = "" } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0);
    assert.match(all, /by its chart, and would deploy it object by object[^]*Nothing was changed/);
    assert.match(all, /\$EDITOR Pulumi\.dev\.yaml/);
    assert.equal(imageOf(await dotdo()), "ghcr.io/dot-do/dotdo:0.2.0");
  });

  it("nor single objects a chart; taken out and put back, they change over, and a tenant's data stay", async () => {
    stack.write((config) => {
      config["stackyard:layers"] = [];
      for (const layer of ["dotdo", "fluxiondb", "plinko", "starter"]) delete config[`stackyard:${layer}`];
    });
    const gone = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(gone.exitCode, 0, gone.all);
    const claims = await stack.objects<V1PersistentVolumeClaim>("persistentvolumeclaims", "--all-namespaces");
    assert.deepEqual(
      claims.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`),
      ["fluxiondb-alice/fluxiondb"],
    );

    stack.write(onlyDotdo(secrets, false));
    const native = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(native.exitCode, 0, native.all);
    stack.write(onlyDotdo(secrets, true));
    const { exitCode, all = "" } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0);
    assert.match(all, /has dotdo object by object, and would deploy it by its chart[^]*Deployment dotdo-dev\/dotdo/);
    assert.match(all, /pulumi config rm --stack dev --path 'stackyard:dotdo\.chart'/);
  });
});
