import type { V1Deployment, V1Job, V1PersistentVolumeClaim, V1Pod, V1Secret } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { faultyPods } from "../support/faults";
import { printed, stackyard, until } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `starter-${process.pid}`;
/** A stack whose file is dev's with the layer of the starter alone. */
const STACK = SANDBOX;
const FILE = `Pulumi.${STACK}.yaml`;
const SECTION = "stackyard:starter";
const NAMESPACE = "starter-dev";
const API = "ghcr.io/org/starter-api";
const WEB = "ghcr.io/org/starter-web";
const SECRET = "sk-sandbox-4711";

interface ExternalSecret {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly secretStoreRef: object;
    readonly data: readonly {
      readonly secretKey: string;
      readonly remoteRef: { readonly key: string; readonly property?: string; readonly version?: string };
    }[];
  };
}
/** Options of the section that differ from dev's. */
interface Changes {
  /** Of the API's image. */
  readonly tag: string;
  /** Tag of web's image. */
  readonly web?: string;
  readonly worker?: boolean;
  readonly external?: boolean;
}

/** Makes the pods of every migration fail, as one does that finds a database it cannot migrate; what is deployed knows nothing of it. */
const FAILING = faultyPods("failing-migrations", "fail", { labels: { "app.kubernetes.io/component": "migration" } });

describe("the starter", function () {
  this.timeout("5m");
  let stack: TrialStack;
  let secrets: Record<string, unknown>;
  let claim: string | undefined;

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    const dev = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, unknown> };
    writeFileSync(FILE, stringify({ config: { "stackyard:layers": ["starter"], [SECTION]: dev.config[SECTION] } }));
    stack = await TrialStack.on(SANDBOX, STACK, { policies: false });
    for (const name of ["stripe", "hook"]) {
      const set = await stack.pulumi("config", "set", "--secret", "--path", `stackyard:secrets.${name}`, SECRET);
      assert.equal(set.exitCode, 0, set.all);
    }
    secrets = inFile()["stackyard:secrets"] as Record<string, unknown>;
  });
  after(async () => {
    stack?.close();
    rmSync(FILE, { force: true });
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const inFile = () =>
    (parse(readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as { config: Record<string, unknown> }).config;

  /** Changes what the stack asks for: dev's starter, with billing on. */
  const write = ({ tag, web = "dev", worker = false, external = false }: Changes) =>
    stack.write((config) => {
      const dev = config[SECTION] as { api: { env: object } };
      config["stackyard:secrets"] = secrets;
      config[SECTION] = {
        ...dev,
        api: {
          image: `${API}:${tag}`,
          env: { ...dev.api.env, ENABLE_BILLING: true, STRIPE_PRODUCT_PRICE_MAP: "{}" },
          secrets: external ? {} : { STRIPE_SECRET_KEY: "stripe", STRIPE_WEBHOOK_SECRET: "hook" },
        },
        web: { image: `${WEB}:${web}` },
        worker: { enabled: worker },
        migrations: { backoffLimit: 0 },
        ...(external && {
          backing: {},
          externalSecrets: {
            secretStoreRef: { name: "platform" },
            api: {
              data: {
                DATABASE_URL: "dev/database_url",
                STRIPE_SECRET_KEY: { key: "dev/stripe", property: "secret" },
                STRIPE_WEBHOOK_SECRET: { key: "dev/stripe", property: "hook", version: "2" },
              },
            },
          },
        }),
      };
    });

  async function bringUp(changes: Changes, ...args: string[]): Promise<void> {
    write(changes);
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview", ...args);
    assert.equal(exitCode, 0, all);
    assert.ok(!all.includes(SECRET), "a secret is in what is printed");
  }
  /** The same by our command, on the file of the project. */
  async function upByCommand(changes: Changes, ...args: string[]): Promise<{ exitCode?: number; said: string }> {
    write(changes);
    writeFileSync(FILE, stringify({ config: inFile() }));
    const run = await stackyard(["up", STACK, "--sandbox", SANDBOX, ...args, "--", "--skip-preview"]);
    return { exitCode: run.exitCode, said: printed(run) };
  }

  const ours = <T>(kinds: string, component?: string) =>
    stack.objects<T>(
      kinds,
      `--namespace=${NAMESPACE}`,
      ...(component ? [`--selector=app.kubernetes.io/name=starter,app.kubernetes.io/component=${component}`] : []),
    );
  const migration = async () => {
    const [job, ...others] = await ours<V1Job>("jobs");
    assert.ok(job && others.length === 0, "there is one migration");
    return { name: job.metadata?.name ?? "", uid: job.metadata?.uid, succeeded: job.status?.succeeded ?? 0 };
  };
  const imageOf = async (name: string) =>
    (await ours<V1Deployment>("deployments")).find(({ metadata }) => metadata?.name === name)?.spec?.template.spec?.containers[0]?.image;
  const variables = async (name: string) =>
    Object.fromEntries(
      (await ours<V1Deployment>("deployments"))
        .find(({ metadata }) => metadata?.name === name)
        ?.spec?.template.spec?.containers[0]?.env?.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef]) ?? [],
    ) as Record<string, string | { name?: string; key: string } | undefined>;
  /** Images of the pods of a component, all of which have to be ready. */
  const running = async (component: string) => {
    const pods = (await ours<V1Pod>("pods", component)).filter(({ metadata }) => !metadata?.deletionTimestamp);
    const ready = ({ status }: V1Pod) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    assert.ok(pods.length > 0 && pods.every(ready), `not every pod of ${component} is ready`);
    return pods.map(({ spec }) => spec?.containers[0]?.image);
  };
  const claimOf = async (name: string) =>
    (await ours<V1PersistentVolumeClaim>("persistentvolumeclaims")).find(({ metadata }) => metadata?.name === name)?.metadata?.uid;

  const failing = (on: boolean) => (on ? FAILING.begin(stack.env) : FAILING.end(stack.env));

  it("comes up migrated, with its static secrets key by key, and a second up has nothing to do", async () => {
    await bringUp({ tag: "1.0.0" });
    claim = await claimOf("starter-postgres");
    assert.ok(claim);
    assert.equal((await migration()).succeeded, 1);
    assert.deepEqual(await running("api"), [`${API}:1.0.0`]);
    assert.deepEqual(await running("web"), [`${WEB}:dev`]);

    const { STRIPE_SECRET_KEY: ref, DATABASE_URL: database } = await variables("starter-api");
    assert.ok(typeof ref === "object" && typeof database === "object" && ref.name === database.name);
    const { data } = JSON.parse(
      await stack.kubectl("get", "secret", ref.name ?? "", `--namespace=${NAMESPACE}`, "--output=json"),
    ) as V1Secret;
    const values = Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
    assert.deepEqual(Object.keys(values).sort(), ["DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]);
    assert.equal(values["STRIPE_SECRET_KEY"], SECRET);
    assert.match(values["DATABASE_URL"] ?? "", /^postgresql\+asyncpg:\/\/app:\w{40}@starter-postgres\.starter-dev\.svc:5432\/app$/);
    assert.match(values["REDIS_URL"] ?? "", /^redis:\/\/:\w{40}@starter-redis\.starter-dev\.svc:6379$/);
    assert.doesNotMatch((await stack.pulumi("stack", "export")).stdout, new RegExp(SECRET));

    assert.deepEqual(await stack.preview(), []);
  });

  it("changes with one image tag that workload, and with the API's its migration, and nothing else", async () => {
    const changed = async (changes: Changes) => {
      write(changes);
      return (await stack.preview()).sort((a, b) => (a.name < b.name ? 1 : -1));
    };
    const image = "spec.template.spec.containers[0].image";
    assert.deepEqual(await changed({ tag: "1.0.0", web: "2.0.0" }), [
      { op: "update", name: "starter-web-pods", changes: { [image]: `${WEB}:2.0.0` } },
    ]);
    const [migrated, rolled, ...others] = await changed({ tag: "1.1.0" });
    assert.deepEqual(rolled, { op: "update", name: "starter-api-pods", changes: { [image]: `${API}:1.1.0` } });
    assert.deepEqual([migrated?.op, migrated?.name, migrated?.changes[image]], ["replace", "starter-migration", `${API}:1.1.0`]);
    assert.deepEqual(Object.keys(migrated?.changes ?? {}).sort(), ["metadata.name", image]);
    assert.deepEqual(others, []);
  });

  it("leaves the version that runs alone when a migration fails, and says what its pod says", async () => {
    await failing(true);
    const { exitCode, said } = await upByCommand({ tag: "1.1.0" });
    assert.equal(exitCode, 255, said);
    assert.match(said, /Pod starter-dev\/starter-migrate-1-1-0-\S+ is not ready \(Failed\)\n +container migrate: Error/);
    assert.match(said, /Warning SandboxFault: this pod fails on purpose/);
    assert.equal((await migration()).succeeded, 0);
    assert.equal(await imageOf("starter-api"), `${API}:1.0.0`);
    assert.deepEqual(await running("api"), [`${API}:1.0.0`]);
    assert.deepEqual(await running("web"), [`${WEB}:dev`]);
  });

  it("migrates again with the next up of the same tag, and then rolls out", async () => {
    const failed = await migration();
    await failing(false);
    const { exitCode, said } = await upByCommand({ tag: "1.1.0" });
    assert.equal(exitCode, 0, said);
    const { name, uid, succeeded } = await migration();
    assert.deepEqual([name, succeeded], [failed.name, 1]);
    assert.notEqual(uid, failed.uid);
    assert.deepEqual(await running("api"), [`${API}:1.1.0`]);
  });

  it("goes back to the tag before in one command, its data untouched", async () => {
    const { exitCode, said } = await upByCommand({ tag: "1.1.0" }, "--set", `${SECTION}.api.image=${API}:1.0.0`);
    assert.equal(exitCode, 0, said);
    assert.deepEqual(await running("api"), [`${API}:1.0.0`]);
    assert.match((await migration()).name, /^starter-migrate-1-0-0-/);
    assert.equal(await claimOf("starter-postgres"), claim);
    const { config } = parse(readFileSync(FILE, "utf8")) as { config: Record<string, { api: { image: string } }> };
    assert.equal(config[SECTION]?.api.image, `${API}:1.1.0`, "a run changes no file of the project");
  });

  it("takes a worker in and out, which billing follows; neither that nor a refresh migrates again", async () => {
    const { uid } = await migration();
    const retries = async (name: string) => {
      const found = await variables(name);
      return [found["ENABLE_BILLING_RETRY_WORKER"], found["ENABLE_BILLING_STREAM_REPLAY"], found["BILLING_RETRY_DEPLOYMENT_MODE"]];
    };
    assert.deepEqual(await retries("starter-api"), [undefined, undefined, undefined]);

    await bringUp({ tag: "1.0.0", worker: true }, "--refresh");
    assert.deepEqual(await running("worker"), [`${API}:1.0.0`]);
    assert.deepEqual(await retries("starter-worker"), ["true", "true", "dedicated"]);
    assert.deepEqual(await retries("starter-api"), ["false", "false", undefined]);

    await bringUp({ tag: "1.0.0" });
    await until("the worker is gone", async () => (await ours<V1Pod>("pods", "worker")).length === 0);
    assert.deepEqual(await retries("starter-api"), [undefined, undefined, undefined]);
    assert.equal((await migration()).uid, uid);
  });

  it("has its secrets of the External Secrets operator, key by key, and keeps the data that it no longer uses", async () => {
    await bringUp({ tag: "1.0.0", external: true });
    const [wish, ...others] = await ours<ExternalSecret>("externalsecrets.external-secrets.io");
    assert.ok(wish && others.length === 0);
    assert.deepEqual(wish.spec.secretStoreRef, { name: "platform", kind: "ClusterSecretStore" });
    assert.deepEqual(
      wish.spec.data.map(({ secretKey, remoteRef: { key, property, version } }) => [secretKey, key, property, version]),
      [
        ["DATABASE_URL", "dev/database_url", undefined, undefined],
        ["STRIPE_SECRET_KEY", "dev/stripe", "secret", undefined],
        ["STRIPE_WEBHOOK_SECRET", "dev/stripe", "hook", "2"],
      ],
    );
    const { DATABASE_URL: database } = await variables("starter-api");
    assert.deepEqual(database, { name: wish.metadata.name, key: "DATABASE_URL" });
    assert.deepEqual(await running("api"), [`${API}:1.0.0`]);
    assert.equal(await claimOf("starter-postgres"), claim);
  });
});
