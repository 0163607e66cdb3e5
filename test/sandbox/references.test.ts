import { strict as assert } from "node:assert";
import { execa } from "execa";
import { Consumer } from "../support/consumer";
import { stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `references-${process.pid}`;
const API_KEY = "api-key-3e9f70";
const READ = "organization/stackyard/dev";

interface Exported {
  deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
}

describe("stacks that read each other", function () {
  this.timeout("10m"); // the first run builds the programs
  let producer: TrialStack;
  let reader: TrialStack;
  let consumer: Consumer;

  const consume = (...args: string[]) => consumer.pulumi(...args);

  before(async () => {
    producer = await TrialStack.on(SANDBOX, "dev", { policies: false });
    producer.write((config) => {
      for (const layer of ["fluxiondb", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
      config["stackyard:layers"] = ["dotdo"];
      Object.assign(config["stackyard:dotdo"] ?? {}, { backing: {}, secrets: { apiKey: "api" } });
    });
    const set = await producer.pulumi("config", "set", "--secret", "--path", "stackyard:secrets.api", API_KEY);
    assert.equal(set.exitCode, 0, set.all);
    const { exitCode, all } = await producer.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);

    reader = await TrialStack.on(SANDBOX, "prod", { policies: false });
    consumer = await Consumer.of(producer.env, READ);
  });
  after(async () => {
    producer?.close();
    reader?.close();
    consumer?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  /** How a preview of a stack that stands on another one's platform ends. */
  const standingOn = async (platformStack: string) => {
    reader.write((config) => Object.assign(config, { "stackyard:platformStack": platformStack }));
    const { exitCode, all } = await reader.pulumi("preview");
    assert.notEqual(exitCode, 0, all);
    return all ?? "";
  };

  it("give a program outside this repository their outputs, checked", async () => {
    const { exitCode, all } = await consume("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
    const { stdout } = await consume("stack", "output", "--json");
    assert.deepEqual(JSON.parse(stdout), {
      DOTDO_URL: "http://dotdo.dotdo-dev.svc:8787",
      DOTDO_NAMESPACE: "dotdo-dev",
      DOTDO_API_KEY: "[secret]",
    });
    const preview = await consume("preview", "--diff");
    const state = await consume("stack", "export");
    for (const said of [all, preview.all, state.all]) assert.ok(!said?.includes(API_KEY), said);
    assert.equal((await consume("stack", "output", "DOTDO_API_KEY", "--show-secrets")).stdout, API_KEY);
  });

  it("refuse a stack that does not exist, by its full name", async () => {
    const said = await standingOn("nowhere-platform");
    assert.match(said, /stack "organization\/stackyard\/nowhere-platform" cannot be read: unknown stack [^]*Nothing was changed/);
    assert.match(said, /\$ pulumi stack ls --all/);
  });

  it("refuse a stack that lacks what is read of it", async () => {
    const said = await standingOn("dev");
    assert.match(said, /stack "organization\/stackyard\/dev" does not export what is read of it; nothing was changed/);
    assert.match(said, /platform: is missing/);
    assert.match(said, /\$ pulumi up --stack dev/);
  });

  it("refuse an output that has another form, in either program, and plan nothing", async () => {
    const state = JSON.parse((await producer.pulumi("stack", "export")).stdout) as Exported;
    for (const { type, outputs } of state.deployment.resources) {
      if (type !== "pulumi:pulumi:Stack" || !outputs) continue;
      const { url, ...rest } = outputs["dotdo"] as Record<string, unknown>;
      outputs["dotdo"] = { ...rest, address: url };
    }
    const { exitCode, all } = await execa("pulumi", ["stack", "import"], {
      env: producer.env,
      input: JSON.stringify(state),
      reject: false,
      all: true,
    });
    assert.equal(exitCode, 0, all);
    for (const said of [await standingOn("dev"), (await consume("preview")).all ?? ""]) {
      assert.match(said, /does not export what is read of it/);
      assert.match(said, /dotdo\.url: /);
      assert.match(said, /dotdo: .*address/);
      assert.doesNotMatch(said, /\+ \d+ to create[^]*Secret/);
    }
  });
});
