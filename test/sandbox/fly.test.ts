import { strict as assert } from "node:assert";
import { execa } from "execa";
import { parse } from "smol-toml";
import { printed, stackyard } from "../support/stackyard";
import { TrialStack, type Config } from "../support/trial-stack";

const SANDBOX = `fly-${process.pid}`;
const FIRST = "turso-token-5d0c1e";
const SECOND = "turso-token-9b7a42";
const TIGRIS = "tigris-key-c81f6e";
const VALUES = [FIRST, SECOND, TIGRIS];

interface Exported {
  deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
}
interface Data {
  readonly data: Record<string, string>;
}

describe("the hybrid stack", function () {
  this.timeout("15m"); // the first run builds the programs
  let prod: TrialStack;
  let fly: TrialStack;
  /** All that Pulumi has printed, where no secret may be. */
  const said: string[] = [];

  const run = async (stack: TrialStack, ...args: string[]) => {
    const { exitCode, all = "" } = await stack.pulumi(...args);
    said.push(all);
    return { exitCode, all };
  };
  const works = async (stack: TrialStack, ...args: string[]) => {
    const { exitCode, all } = await run(stack, ...args);
    assert.equal(exitCode, 0, all);
    return all;
  };
  const setSecret = (stack: TrialStack, name: string, value: string) =>
    works(stack, "config", "set", "--secret", "--path", `stackyard:secrets.${name}`, value);
  const section = (config: Config) => config["stackyard:dotdo"] ?? assert.fail("the stack has no dotdo");

  /** The tracked stack, but that prod's secrets are in its file, and Tigris' in its own; there is no platform here. */
  const writeFly = async (change: (section: Record<string, unknown>) => void = () => {}) => {
    fly.write((config) => {
      Reflect.deleteProperty(config, "stackyard:platformStack");
      Reflect.deleteProperty(section(config), "externalSecrets");
      Object.assign(section(config), { secrets: { r2AccessKey: "tigris", r2SecretKey: "tigris" } });
      change(section(config));
    });
    await setSecret(fly, "tigris", TIGRIS);
  };

  before(async () => {
    prod = await TrialStack.on(SANDBOX, "prod", { policies: false });
    prod.write((config) => {
      for (const key of Object.keys(config)) if (/^stackyard:(?!cluster$)/.test(key)) Reflect.deleteProperty(config, key);
      const off = { enabled: false };
      config["stackyard:layers"] = ["dotdo"];
      config["stackyard:dotdo"] = {
        image: { tag: "1.4.0" },
        env: { TURSO_URL: "libsql://do.turso.io", R2_ENDPOINT: "http://minio.data.svc:9000", R2_BUCKET: "iceberg", DO_RPC_TIMEOUT: 45000 },
        secrets: { tursoToken: "turso" },
        ...{ ingress: off, linkerd: off, prometheus: off, autoscaling: off, podDisruptionBudget: off },
      };
    });
    await setSecret(prod, "turso", FIRST);
    await works(prod, "up", "--yes", "--skip-preview");
    fly = await TrialStack.on(SANDBOX, "fly");
    await writeFly();
  });
  after(async () => {
    prod?.close();
    fly?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const data = async (kind: string, namespace: string): Promise<Record<string, string>> => {
    const found = await fly.objects<Data>(kind, "-n", namespace, "-l", "app.kubernetes.io/name=dotdo");
    assert.equal(found.length, 1, `${found.length} of ${kind} in ${namespace}`);
    return found[0]?.data ?? {};
  };
  const token = async () => Buffer.from((await data("secrets", "dotdo-fly"))["turso-token"] ?? "", "base64").toString();

  it("has of prod what both have in common, and its own of the rest", async () => {
    await works(fly, "up", "--yes");
    assert.equal(await token(), FIRST);
    const env = await data("configmaps", "dotdo-fly");
    assert.deepEqual(
      [env["TURSO_URL"], env["DO_RPC_TIMEOUT"], env["R2_ENDPOINT"], env["R2_BUCKET"], env["FLY_APP_NAME"], env["FLY_REGION"]],
      ["libsql://do.turso.io", "45000", "https://fly.storage.tigris.dev", "dotdo", "dotdo", "iad"],
    );
    const [image] = (await fly.kubectl("get", "deployment", "dotdo", "-n", "dotdo-fly", "-o", "jsonpath={..image}")).split(" ");
    assert.equal(image, "registry.fly.io/dotdo:1.4.0");
    for (const kind of ["ingresses", "servicemonitors"]) assert.deepEqual(await fly.objects(kind, "-n", "dotdo-fly"), []);
    assert.equal((await fly.objects("networkpolicies", "-n", "dotdo-fly")).length, 1);
  });

  it("plans nothing when nothing has changed", async () => {
    await works(fly, "preview", "--expect-no-changes");
  });

  it("has the fly.toml of the same app, without a secret, from the backend alone", async () => {
    const answer = await stackyard(["fly-toml", "fly", "--sandbox", SANDBOX]);
    assert.equal(answer.exitCode, 0, printed(answer));
    said.push(printed(answer));
    const toml = parse(answer.stdout as string) as { app: string; build: { image: string }; env: Record<string, string> };
    const env = await data("configmaps", "dotdo-fly");
    assert.equal(toml.app, env["FLY_APP_NAME"]);
    assert.equal(toml.build.image, "registry.fly.io/dotdo:1.4.0");
    for (const [name, value] of Object.entries(toml.env)) if (name !== "PORT") assert.equal(env[name], value, name);
    assert.match(answer.stderr as string, /fly secrets import [^\n]*TURSO_TOKEN[^]*fly scale count 8 --region iad,lax,fra,sin/);
  });

  it("gets a token that is changed in prod by its next up, which rolls its pods", async () => {
    const pods = () => fly.kubectl("get", "deployment", "dotdo", "-n", "dotdo-fly", "-o", "jsonpath={.metadata.generation}");
    const before = await pods();
    await setSecret(prod, "turso", SECOND);
    await works(prod, "up", "--yes", "--skip-preview");
    said.push(await works(fly, "preview", "--diff"));
    await works(fly, "up", "--yes", "--diff");
    assert.equal(await token(), SECOND);
    assert.notEqual(await pods(), before);
  });

  it("shows the values in no state, output, preview or log of either", async () => {
    for (const stack of [prod, fly]) {
      for (const question of [["stack", "export"], ["stack", "output", "--json"], ["stack"], ["config"]]) await works(stack, ...question);
    }
    const { stdout } = await prod.pulumi("stack", "output", "--json");
    assert.deepEqual((JSON.parse(stdout) as { secrets: unknown }).secrets, { dotdo: { tursoToken: "[secret]" } });
    for (const value of VALUES) {
      const where = said.filter((text) => text.includes(value) || text.includes(Buffer.from(value).toString("base64")));
      assert.equal(where.length, 0, `${value} is in ${where[0]?.slice(0, 400)}`);
    }
  });

  describe("is refused before anything is planned", () => {
    let state: Exported;
    before(async () => {
      state = JSON.parse((await prod.pulumi("stack", "export")).stdout) as Exported;
    });

    /** Has prod export something else, as another version of it would. */
    const exporting = async (change: (outputs: Record<string, unknown>) => void) => {
      const changed = structuredClone(state);
      for (const { type, outputs } of changed.deployment.resources) if (type === "pulumi:pulumi:Stack" && outputs) change(outputs);
      const imported = await execa("pulumi", ["stack", "import"], {
        env: prod.env,
        input: JSON.stringify(changed),
        reject: false,
        all: true,
      });
      assert.equal(imported.exitCode, 0, imported.all);
    };
    const refusal = async () => {
      const { exitCode, all } = await run(fly, "preview");
      assert.notEqual(exitCode, 0, all);
      assert.match(all, /nothing was changed/i);
      assert.doesNotMatch(all, /kubernetes:/);
      return all;
    };

    it("where prod has no dotdo", async () => {
      await exporting((outputs) => Reflect.deleteProperty(outputs, "dotdo"));
      assert.match(
        await refusal(),
        /stack "organization\/stackyard\/prod" does not export what is read of it[^]*dotdo: is missing[^]*\$ pulumi up --stack prod/,
      );
    });

    it("where an older Stackyard brought prod up, which shared nothing", async () => {
      await exporting((outputs) => {
        for (const name of ["image", "env"]) Reflect.deleteProperty(outputs["dotdo"] as object, name);
        Reflect.deleteProperty(outputs, "secrets");
      });
      assert.match(await refusal(), /dotdo\.image\n[^]*dotdo\.env\n[^]*\$ pulumi up --stack prod .*older Stackyard/);
    });

    it("where prod shares an address without its token, with what to type in either", async () => {
      await exporting((outputs) => Reflect.deleteProperty(outputs, "secrets"));
      assert.match(
        await refusal(),
        /secrets\.dotdo\.tursoToken\n[^]*--stack prod --secret --path 'stackyard:secrets\.dotdo-turso-token'[^]*--stack fly --plaintext --path 'stackyard:dotdo\.secrets\.tursoToken'/,
      );
    });

    it("where a secret of prod stands in clear in its state, without repeating it", async () => {
      await exporting((outputs) => Object.assign(outputs, { secrets: { dotdo: { tursoToken: FIRST } } }));
      const all = await refusal();
      assert.match(all, /secrets: stands in clear, and has to be secret/);
      assert.ok(!all.includes(FIRST));
    });

    it("where there is no such stack", async () => {
      await writeFly((dotdo) => Object.assign(dotdo, { sharedFrom: "nowhere" }));
      assert.match(await refusal(), /stack "organization\/stackyard\/nowhere" cannot be read: unknown stack/);
    });
  });

  describe("without its cluster", () => {
    it("has its fly.toml all the same", async () => {
      await stackyard(["sandbox", "stop", "--sandbox", SANDBOX]);
      const answer = await stackyard(["fly-toml", "fly", "--sandbox", SANDBOX]);
      assert.match(answer.stdout as string, /app = "dotdo"[^]*TURSO_URL = "libsql:\/\/do\.turso\.io"/, printed(answer));
    });
  });
});
