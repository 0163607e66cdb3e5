import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { set } from "../../cli/settings";
import type { Target } from "../../cli/target";
import { environmentOf, stackyard } from "../support/stackyard";

const SANDBOX = `refusals-${process.pid}`;

interface Section {
  [option: string]: unknown;
}
interface StackFile {
  encryptionsalt: string;
  config: { "stackyard:dotdo": Section; "stackyard:cluster": { context: string; uid: string }; [key: string]: unknown };
}
interface Resource {
  readonly urn: string;
  readonly modified?: string;
  readonly type: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

describe("a config that is wrong", () => {
  let folder: string;
  let file: string;
  let env: Record<string, string | undefined>;
  let right: StackFile;

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    file = join(folder, "Pulumi.dev.yaml");
    const { PULUMI_OPTION_CONFIG_FILE = "", ...rest } = await environmentOf(SANDBOX);
    env = { ...rest, PULUMI_OPTION_CONFIG_FILE: file, PULUMI_OPTION_POLICY_PACK: undefined };
    right = parse(readFileSync(PULUMI_OPTION_CONFIG_FILE, "utf8")) as StackFile;
    // one system is enough to see what is refused, and comes up sooner
    for (const layer of ["fluxiondb", "plinko", "starter"]) Reflect.deleteProperty(right.config, `stackyard:${layer}`);
    right.config["stackyard:layers"] = ["dotdo"];
  });

  after(async function () {
    this.timeout("1m");
    rmSync(folder, { recursive: true });
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const write = (change: (file: StackFile, section: Section) => void) => {
    const changed = structuredClone(right);
    change(changed, changed.config["stackyard:dotdo"]);
    writeFileSync(file, stringify(changed));
  };
  const pulumi = (...args: string[]) => execa("pulumi", [...args, "--non-interactive", "--color=never"], { env, reject: false, all: true });
  const resources = async (): Promise<Resource[]> => {
    const { stdout } = await pulumi("stack", "export");
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: Resource[] } };
    return (deployment.resources ?? []).filter(({ type }) => type !== "pulumi:pulumi:Stack");
  };

  /** What an up says that is refused, after it has been seen to leave nothing behind. */
  async function refusal(): Promise<string> {
    const seen = async () => (await resources()).map(({ urn, modified }) => `${urn} ${modified}`);
    const before = await seen();
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0, all);
    assert.deepEqual(await seen(), before, "the refused run has changed the state");
    return all;
  }

  const wrong: readonly [kind: string, key: string, says: RegExp, change: (file: StackFile, section: Section) => void][] = [
    [
      "of the wrong type",
      "stackyard:dotdo.replicaCount",
      /"three" is no number here: write a whole number/,
      (_, section) => (section["replicaCount"] = "three"),
    ],
    ["with an unknown key", "stackyard:dotdo.ingres", /is unknown: did you mean ingress\?/, (_, section) => (section["ingres"] = {})],
    [
      "with a minimum over its maximum",
      "stackyard:dotdo.autoscaling.minReplicas",
      /9 is more than autoscaling\.maxReplicas \(5\)/,
      (_, section) => (section["autoscaling"] = { minReplicas: 9, maxReplicas: 5 }),
    ],
    [
      "with a bad quantity",
      "stackyard:dotdo.resources.limits.memory",
      /"512 MB" is no size: [^\n]*512Mi or 4Gi/,
      (_, section) => (section["resources"] = { limits: { memory: "512 MB" } }),
    ],
    [
      "with a bad host name",
      "stackyard:dotdo.ingress.hosts[0].host",
      /"https:\/\/do\.example\.com" is no host name: [^\n]*without scheme/,
      (_, section) => (section["ingress"] = { hosts: [{ host: "https://do.example.com" }] }),
    ],
    [
      "with a secret in clear",
      "stackyard:secrets.turso",
      /stands in clear[^]*pulumi config set --stack dev --secret --path 'stackyard:secrets\.turso'/,
      ({ config }) => (config["stackyard:secrets"] = { turso: "hunter2" }),
    ],
    ["without what it needs", "stackyard:dotdo.image.tag", /is missing: there is no default tag/, (_, section) => delete section["image"]],
    [
      "with a bad image reference",
      "stackyard:dotdo.image.repository",
      /"ghcr\.io\/Dot-Do\/dotdo:1\.0" is no image repository: /,
      (_, section) => (section["image"] = { repository: "ghcr.io/Dot-Do/dotdo:1.0", tag: "1.0" }),
    ],
    [
      "with a bad port",
      "stackyard:dotdo.service.port",
      /70000 is no port: [^\n]*1 to 65535/,
      (_, section) => (section["service"] = { port: 70000 }),
    ],
    [
      "with a layer and no section",
      "stackyard:dotdo",
      /stackyard:layers names "dotdo"/,
      ({ config }) => Reflect.deleteProperty(config, "stackyard:dotdo"),
    ],
    ["with a section and no layer", "stackyard:layers", /does not name "dotdo"/, ({ config }) => (config["stackyard:layers"] = [])],
  ];

  for (const [kind, key, says, change] of wrong) {
    it(`${kind} is refused before any resource, and says what to type`, async function () {
      this.timeout("1m");
      write(change);
      const said = await refusal();
      assert.ok(said.includes(key), said);
      assert.match(said, says);
      assert.match(said, /\$ pulumi config (set|rm) --stack dev /);
      assert.ok(!said.includes("hunter2") && !/\n\s+at /.test(said), said);
    });
  }

  it("that is no YAML is refused before any resource", async function () {
    this.timeout("1m");
    writeFileSync(file, "config:\n  stackyard:layers: [dotdo\n");
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0);
    assert.match(all, /invalid YAML file: yaml: line \d+: did not find expected ',' or '\]'/);
  });

  it("is mended by the commands that it is refused with", async function () {
    this.timeout("1m");
    write((_, section) => (section["service"] = { port: "8080", labels: { "example.com/team": "not ok!", tier: 1 } }));
    const commands = (await refusal()).split("\n").flatMap((line) => /\$ (pulumi config .*)$/.exec(line)?.[1] ?? []);
    assert.equal(commands.length, 4);
    for (const command of commands) await execa(command.replace("'<value>'", "ok"), { shell: true, env });
    const { config } = parse(readFileSync(file, "utf8")) as StackFile;
    assert.deepEqual(config["stackyard:dotdo"]["service"], { port: 8080, labels: { "example.com/team": "ok", tier: "1" } });
  });

  it("is refused by name where one secret stands in clear among others, or encrypted where a name belongs", async function () {
    this.timeout("1m");
    write(() => {});
    for (const [key, ...how] of [
      ["stackyard:secrets.turso", "--secret"],
      ["stackyard:secrets.redis", "--plaintext"],
      ["stackyard:dotdo.secrets.tursoToken", "--secret"],
    ] as const) {
      const { exitCode, all } = await pulumi("config", "set", "--path", key, ...how, "hunter2");
      assert.equal(exitCode, 0, all);
    }
    const said = await refusal();
    assert.match(said, /stackyard:secrets\.redis\n\s+stands in clear/);
    assert.match(said, /stackyard:dotdo\.secrets\.tursoToken\n\s+holds an encrypted value/);
    assert.doesNotMatch(said, /stackyard:secrets\.turso\n|hunter2/);
    const commands = said.split("\n").flatMap((line) => /\$ (pulumi config set .*dotdo-turso-token.*)$/.exec(line)?.[1] ?? []);
    assert.equal(commands.length, 2);
    for (const command of commands) await execa(command, { shell: true, env, input: "hunter2" });
    const { config } = parse(readFileSync(file, "utf8")) as StackFile;
    assert.deepEqual(config["stackyard:dotdo"]["secrets"], { tursoToken: "dotdo-turso-token" });
  });

  it("has the name of a secret, where a setting before an up gives it", async () => {
    write(() => {});
    await set({ env } as Target, [{ key: "stackyard:dotdo.secrets.tursoToken", value: "dotdo-turso-token" }]);
    const { config } = parse(readFileSync(file, "utf8")) as StackFile;
    assert.deepEqual(config["stackyard:dotdo"]["secrets"], { tursoToken: "dotdo-turso-token" });
  });

  it("of a live stack that names another cluster is refused by name, and changes nothing", async function () {
    this.timeout("3m");
    write(({ config }, section) => {
      config["stackyard:protected"] = true;
      section["backing"] = { redis: {} };
    });
    const up = await pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.exitCode, 0, up.all);
    const kept = (await resources()).filter(({ retainOnDelete }) => retainOnDelete);
    assert.deepEqual(kept.map(({ urn }) => urn.split("::").at(-1)).sort(), ["dotdo-namespace", "dotdo-redis-claim"]);
    assert.deepEqual(
      (await resources()).filter(({ protect }) => protect).map(({ urn }) => urn.split("::").at(-1)),
      ["dotdo-namespace"],
    );

    const other = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    write(({ config }) => (config["stackyard:cluster"].uid = other));
    const { context, uid } = right.config["stackyard:cluster"];
    const said = await refusal();
    for (const part of [
      `stack "dev" is bound to another cluster`,
      `"${context}"`,
      other,
      uid,
      "pulumi config set --stack dev --path 'stackyard:cluster.context'",
    ]) {
      assert.ok(said.includes(part), said);
    }
  });
});
