import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import { parse } from "yaml";
import { configOf, dotdoServiceOf } from "../../components/dotdo/objects";
import { planOf } from "../../components/dotdo/plan";
import { podsOf } from "../../components/dotdo/pods";
import { sectionOf } from "../../config";
import { flyAppFor } from "../../stacks/fly";
import { at } from "./components/engine";

type Section = Record<string, unknown>;
interface FlyToml {
  readonly app: string;
  readonly build: { readonly image: string };
  readonly env: Record<string, string>;
}

const PROD = {
  cluster: { context: "prod", uid: "uid" },
  dotdo: {
    url: "http://dotdo.dotdo.svc:8787",
    hosts: [],
    namespace: "dotdo",
    service: "dotdo",
    headlessService: "dotdo-headless.dotdo.svc",
    image: "ghcr.io/dot-do/dotdo:1.4.0",
    env: { TURSO_URL: "libsql://do.turso.io", R2_ENDPOINT: "https://r2.example.com", R2_BUCKET: "iceberg", DO_RPC_TIMEOUT: 45000 },
  },
  secrets: { dotdo: { tursoToken: "[secret]", r2AccessKey: "[secret]", r2SecretKey: "[secret]" } },
  kept: [],
};
const asked: string[] = [];
const outputs = async (stack: string) => {
  asked.push(stack);
  return PROD;
};

const section = (fly: Section = {}, rest: Section = {}): Section => ({ image: { tag: "1.4.0" }, fly: { enabled: true, ...fly }, ...rest });
const made = async (given: unknown, from = outputs) => {
  const { toml, next } = await flyAppFor("fly", given, from);
  return { toml, next: next.join("\n"), app: JSON.parse(JSON.stringify(parseToml(toml))) as FlyToml };
};
const refusal = async (given: unknown, from = outputs): Promise<string> => {
  const error: unknown = await flyAppFor("fly", given, from).then(
    () => assert.fail("nothing was refused"),
    (error: unknown) => error,
  );
  assert.ok(pulumi.RunError.isInstance(error), String(error));
  return error.message;
};
const tracked = () =>
  (parse(readFileSync("Pulumi.fly.yaml", "utf8")) as { config: Record<string, Section> }).config["stackyard:dotdo"] ?? assert.fail();

describe("fly.toml", () => {
  const options: [option: string, fly: Section, path: string, value: unknown, rest?: Section][] = [
    ["app", { app: "edge" }, "app", "edge"],
    ["primaryRegion", { primaryRegion: "fra" }, "primary_region", "fra"],
    ["size", { size: "performance-2x" }, "vm.0", { size: "performance-2x", memory: "4096mb" }],
    ["memoryMb", { memoryMb: 1024 }, "vm.0.memory", "1024mb"],
    ["autoStop", {}, "http_service.auto_stop_machines", "suspend"],
    ["autoStop: off, which starts none either", { autoStop: "off" }, "http_service.auto_start_machines", false],
    ["minMachinesRunning", { minMachinesRunning: 1 }, "http_service.min_machines_running", 1],
    [
      "concurrency",
      { concurrency: { type: "requests", softLimit: 20, hardLimit: 30 } },
      "http_service.concurrency",
      { type: "requests", soft_limit: 20, hard_limit: 30 },
    ],
    [
      "check",
      { check: { path: "/health", gracePeriodSeconds: 60 } },
      "http_service.checks.0",
      { method: "GET", path: "/health", interval: "30s", timeout: "5s", grace_period: "60s" },
    ],
    ["strategy", { strategy: "bluegreen" }, "deploy.strategy", "bluegreen"],
    ["releaseCommand: none", {}, "deploy.release_command", undefined],
    ["releaseCommand", { releaseCommand: "node migrate.js" }, "deploy.release_command", "node migrate.js"],
    ["h2Backend: off", {}, "http_service.http_options", undefined],
    ["h2Backend", { h2Backend: true }, "http_service.http_options.h2_backend", true],
    ["metricsPort: none", {}, "metrics", undefined],
    ["metricsPort", { metricsPort: 9091 }, "metrics.0", { port: 9091, path: "/metrics" }],
    ["service.targetPort", {}, "http_service.internal_port", 9000, { service: { targetPort: 9000 } }],
    ["drain.maxSeconds, at most what Fly waits", {}, "kill_timeout", 300],
    ["drain.maxSeconds", {}, "kill_timeout", 60, { drain: { maxSeconds: 60 } }],
    ["env", {}, "env.OPENAI_BASE_URL", "https://ai.example.com", { env: { OPENAI_BASE_URL: "https://ai.example.com" } }],
    ["env: numbers are text", {}, "env.DO_MAX_CONCURRENT", "1000"],
  ];
  for (const [option, fly, path, value, rest] of options) {
    it(`has ${option}`, async () => assert.deepEqual(at((await made(section(fly, rest))).app, path), value));
  }

  it("agrees with the pods of the same section in image, variables, app, regions and size", async () => {
    const given = section(
      { app: "edge", primaryRegion: "fra", regions: ["fra", "sin"], size: "shared-cpu-4x" },
      { env: { TURSO_URL: "libsql://do.turso.io", LOG_LEVEL: "warn" } },
    );
    const { app, next } = await made(given);
    const { image, fly, env } = sectionOf("fly", "dotdo", given);
    const plan = planOf("dotdo", { image, fly, env });
    const pods = JSON.parse(JSON.stringify(podsOf(plan, "config"))) as unknown;
    const { data } = configOf(plan) as { data: Record<string, string> };

    assert.equal(app.build.image, at(pods, "spec.template.spec.containers.0.image"));
    assert.equal(app.app, data["FLY_APP_NAME"]);
    assert.equal(at(app, "primary_region"), data["FLY_REGION"]);
    assert.equal(at(app, "vm.0.size"), (at(pods, "spec.template.metadata.annotations") as Section)["fly.io/machine-size"]);
    assert.equal((at(pods, "spec.template.metadata.annotations") as Section)["fly.io/regions"], "fra,sin");
    assert.match(next, /fly scale count 4 --region fra,sin --max-per-region 2 --app edge/);
    assert.equal((at(dotdoServiceOf(plan), "metadata.annotations") as Section)["fly.io/internal"], "true");
    // what only a cluster has is not at the edge, and Fly lets nobody set FLY_
    const ofCluster = /^(FLY_|SERVICE_|HEADLESS_|RPC_)/;
    const { PORT, ...variables } = app.env;
    assert.equal(PORT, "8787");
    assert.deepEqual(variables, Object.fromEntries(Object.entries(data).filter(([name]) => !ofCluster.test(name))));
  });

  it("has what the other stack shares, as the tracked stack takes it of prod, and no secret", async () => {
    asked.length = 0;
    const { app, toml, next } = await made(tracked());
    assert.deepEqual(asked, ["prod"]);
    assert.equal(app.build.image, "registry.fly.io/dotdo:1.4.0");
    assert.equal(app.env["TURSO_URL"], "libsql://do.turso.io");
    assert.equal(app.env["DO_RPC_TIMEOUT"], "45000");
    assert.equal(app.env["R2_ENDPOINT"], "https://fly.storage.tigris.dev");
    assert.equal(app.env["R2_BUCKET"], "dotdo");
    assert.doesNotMatch(toml, /secret|TOKEN|_KEY/);
    // all that the operator makes for its pods
    const own = "TURSO_TOKEN, R2_ACCESS_KEY, R2_ACCESS_KEY_ID, R2_SECRET_KEY, R2_SECRET_ACCESS_KEY, API_KEY";
    assert.match(next, new RegExp(`fly secrets import --stage --app dotdo {3}# reads NAME=value, a line each: ${own}$`, "m"));
    assert.match(next, /fly scale count 8 --region iad,lax,fra,sin --max-per-region 2/);
  });

  it("does not hand the keys of another store to its own", async () => {
    const { next } = await made({ ...tracked(), externalSecrets: undefined });
    assert.match(next, /fly secrets import --stage --app dotdo {3}# reads NAME=value, a line each: TURSO_TOKEN$/m);
  });

  it("is the same, byte for byte, however often it is made", async () => {
    assert.equal((await made(tracked())).toml, (await made(tracked())).toml);
  });

  it("needs no other stack where the section says all itself", async () => {
    asked.length = 0;
    await made(section());
    assert.deepEqual(asked, []);
  });

  it("names what the Machines cannot read of the cluster", async () => {
    const { next } = await made(
      section({}, { extraEnvFrom: [{ secret: "auth" }, { configMap: "more" }], secrets: { existingSecret: "keys" } }),
    );
    assert.match(next, /TURSO_TOKEN, R2_ACCESS_KEY, R2_ACCESS_KEY_ID, R2_SECRET_KEY, R2_SECRET_ACCESS_KEY, REDIS_PASSWORD, API_KEY/);
    assert.match(next, /fly secrets import [^\n]*Secret auth has\n\$EDITOR fly\.toml {3}# \[env\]: what ConfigMap more has/);
  });

  const refused: [what: string, given: Section, says: RegExp][] = [
    [
      "a primary region without Machines",
      section({ primaryRegion: "lhr" }),
      /dotdo\.fly\.primaryRegion\n.*lhr is not among fly\.regions \(iad, lax/,
    ],
    ["what is no region", section({ regions: ["iad", "Frankfurt"] }), /dotdo\.fly\.regions\[1\]\n.*"Frankfurt" is no region of Fly/],
    ["a region named twice", section({ regions: ["iad", "iad"] }), /dotdo\.fly\.regions\n.*names a region twice/],
    [
      "memory that a size has not",
      section({ memoryMb: 300 }),
      /dotdo\.fly\.memoryMb\n.*300 cannot be had with shared-cpu-2x: write 512 to 4096, in steps of 256/,
    ],
    [
      "memory between the steps of a size",
      section({ memoryMb: 600 }),
      /dotdo\.fly\.memoryMb\n.*600 cannot be had with shared-cpu-2x: write 512 to 4096, in steps of 256/,
    ],
    ["more kept running than there are", section({ minMachinesRunning: 3 }), /dotdo\.fly\.minMachinesRunning\n.*3 is more than/],
    ["a soft limit above the hard one", section({ concurrency: { softLimit: 300 } }), /concurrency\.softLimit\n.*more than hardLimit/],
    [
      "an address inside the cluster",
      section({}, { env: { TURSO_URL: "http://libsql.data.svc:8080" } }),
      /dotdo\.env\.TURSO_URL\n.*inside one cluster only/,
    ],
    [
      "a password in an address",
      section({}, { env: { REDIS_URL: "redis://:hunter2@redis.example.com" } }),
      /dotdo\.env\.REDIS_URL\n.*has a user or password/,
    ],
    ["a name that Fly keeps for itself", section({}, { env: { FLY_REGION: "fra" } }), /dotdo\.env\.FLY_REGION\n.*fly\.clusterRegion/],
    [
      "data services inside the cluster",
      section({}, { backing: { libsql: {} } }),
      /dotdo\.backing\.libsql\n.*cannot be reached from Fly Machines/,
    ],
    [
      "a stack without Machines",
      { image: { tag: "1" } },
      /runs on no Fly Machines[^]*config set --stack fly --path 'stackyard:dotdo\.fly\.enabled' true/,
    ],
    [
      "another stack without dotdo",
      section({}, { sharedFrom: "empty" }),
      /stack "empty" does not export what is read of it[^]*dotdo: is missing/,
    ],
  ];
  for (const [what, given, says] of refused) {
    it(`is refused for ${what}`, async () => {
      const said = await refusal(given, async (stack) => (stack === "empty" ? { ...PROD, dotdo: undefined } : PROD) as typeof PROD);
      assert.match(said, says);
      assert.doesNotMatch(said, /hunter2/);
    });
  }
});
