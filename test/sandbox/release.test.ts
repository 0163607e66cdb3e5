import type { V1Deployment, V1Job } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { Release } from "../../cli/releases";
import { faultyPods } from "../support/faults";
import { printed, stackyard, until } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `release-${process.pid}`;
/** A stack whose file is dev's with the layer of the starter alone. */
const STACK = SANDBOX;
const FILE = `Pulumi.${STACK}.yaml`;
const NAMESPACE = "starter-dev";
const imagesAt = (tag: string) => ({ "starter-api": `ghcr.io/org/starter-api:${tag}`, "starter-web": `ghcr.io/org/starter-web:${tag}` });

const API_VERSION = "admissionregistration.k8s.io/v1";
/** Has an up wait for a rollout for 20 seconds: ten minutes, which it waits where nobody says otherwise, are long for a test. */
const IMPATIENT = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: API_VERSION,
      kind: "MutatingAdmissionPolicy",
      metadata: { name: "impatient" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] }],
        },
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: 'Object{metadata: Object.metadata{annotations: {"pulumi.com/timeoutSeconds": "20"}}}' },
          },
        ],
      },
    },
    {
      apiVersion: API_VERSION,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: "impatient" },
      spec: { policyName: "impatient" },
    },
  ],
};

describe("stackyard release starter", function () {
  this.timeout("5m");
  let stack: TrialStack;
  const on = ["--sandbox", SANDBOX];
  const bad = faultyPods("bad-tag", "crash", { image: imagesAt("bad")["starter-web"] });

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, Record<string, object>> };
    const { api, web, ...rest } = config["stackyard:starter"]!;
    const images = imagesAt("1.4.0");
    const starter = { ...rest, api: { ...api, image: images["starter-api"] }, web: { ...web, image: images["starter-web"] } };
    writeFileSync(FILE, stringify({ config: { "stackyard:layers": ["starter"], "stackyard:starter": starter } }));
    stack = await TrialStack.on(SANDBOX, STACK);
    await execa("kubectl", ["apply", "--filename=-"], { env: stack.env, input: JSON.stringify(IMPATIENT) });
  });
  after(async () => {
    stack?.close();
    rmSync(FILE, { force: true });
    await stackyard(["sandbox", "reset", ...on]);
  });

  const release = (tag: string, ...more: string[]) => stackyard(["release", "starter", STACK, ...on, "--tag", tag, ...more]);
  const records = async () =>
    JSON.parse((await stackyard(["release", "starter", STACK, ...on, "--list", "--json"])).stdout as string) as Release[];
  const deployed = async () => {
    const found = await stack.objects<V1Deployment>("deployments", `--namespace=${NAMESPACE}`);
    return Object.fromEntries(found.map(({ metadata, spec }) => [metadata?.name ?? "", spec?.template.spec?.containers[0]?.image]));
  };
  /** Pods that serve, by their image. */
  const serving = async () => {
    const pods = await stack.objects<{
      spec: { containers: { image: string }[] };
      status: { conditions?: { type: string; status: string }[] };
    }>("pods", `--namespace=${NAMESPACE}`, "--selector=app.kubernetes.io/component in (api, web)");
    const ready = pods.filter(({ status }) => status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"));
    return [...new Set(ready.map(({ spec }) => spec.containers[0]?.image))].sort();
  };

  it("refuses what is no tag, and a stack that has no starter deployed", async () => {
    const wrong = await release("a/b", "--yes");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr as string, /"a\/b" is no tag/);
    const none = await release("1.5.0", "--yes");
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr as string, /has no starter deployed/);
  });

  it("migrates, rolls out and verifies a good tag, once somebody said yes, and keeps a record", async () => {
    const up = await stackyard(["up", STACK, ...on]);
    assert.equal(up.exitCode, 0, printed(up));
    const unasked = await release("1.5.0");
    assert.equal(unasked.exitCode, 1, printed(unasked));
    assert.match(unasked.stdout as string, /starter of stack "\S+" goes from 1\.4\.0 to 1\.5\.0[^]*starter-api-pods/);
    assert.deepEqual(await deployed(), imagesAt("1.4.0"), "nobody said yes");

    const good = await release("1.5.0", "--yes");
    assert.equal(good.exitCode, 0, printed(good));
    assert.deepEqual(await serving(), Object.values(imagesAt("1.5.0")));
    const [migration, ...others] = await stack.objects<V1Job>("jobs", `--namespace=${NAMESPACE}`);
    assert.match(migration?.metadata?.name ?? "", /^starter-migrate-1-5-0-/);
    assert.ok(migration?.status?.conditions?.some(({ type, status }) => type === "Complete" && status === "True"));
    assert.deepEqual(others, []);
    const [{ at, by, seconds, ...kept } = {} as Release, ...more] = await records();
    assert.deepEqual([kept, more], [{ from: "1.4.0", to: "1.5.0", outcome: "succeeded" }, []]);
    assert.ok(Date.now() - Date.parse(at) < 600_000 && by !== "" && seconds! > 0, `${at} ${by} ${seconds}`);

    const again = await release("1.5.0", "--yes");
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr as string, /has tag 1\.5\.0 already/);
  });

  it("takes a tag back whose pods crash, while the old pods serve, and says so", async () => {
    await bad.begin(stack.env);
    const failed = await release("bad", "--yes");
    assert.equal(failed.exitCode, 1, printed(failed));
    assert.match(failed.stderr as string, /the release of bad failed \(the update failed\); 1\.5\.0 is deployed again/);
    assert.deepEqual(await deployed(), imagesAt("1.5.0"));
    assert.deepEqual(await serving(), Object.values(imagesAt("1.5.0")));
    const [{ from, to, outcome, why } = {} as Release] = await records();
    assert.deepEqual({ from, to, outcome, why }, { from: "1.5.0", to: "bad", outcome: "rolled back", why: "the update failed" });
    const history = JSON.parse((await stack.pulumi("stack", "history", "--json")).stdout) as { message: string; result: string }[];
    assert.deepEqual(
      history.slice(0, 2).map(({ message, result }) => [message, result]),
      [
        ["release: starter back from bad to 1.5.0", "succeeded"],
        ["release: starter 1.5.0 to bad", "failed"],
      ],
    );
  });

  it("takes a tag back that is rolled out and not well, and names the row that is red", async () => {
    await stack.kubectl("delete", "service", "starter-web", `--namespace=${NAMESPACE}`);
    const failed = await release("1.6.0", "--yes", "--wait", "0");
    assert.equal(failed.exitCode, 1, printed(failed));
    assert.deepEqual(await serving(), Object.values(imagesAt("1.5.0")));
    const [{ to, outcome, why } = {} as Release] = await records();
    assert.deepEqual([to, outcome], ["1.6.0", "rolled back"]);
    assert.match(why ?? "", /^exists: Service starter-web is not there/);
  });

  it("ends with 130 where it is interrupted, says what leads back, and keeps that in its record", async () => {
    const run = release("1.7.0", "--yes");
    let said = "";
    run.stdout?.on("data", (part: Buffer) => (said += part.toString()));
    await until("its up has begun", async () => /updating \(|replacing \(/.test(said));
    run.kill("SIGINT");
    const { exitCode, stderr } = await run;
    assert.equal(exitCode, 130, said);
    assert.match(
      stderr as string,
      /The release of 1\.7\.0 was interrupted\. Back to 1\.5\.0: npx stackyard rollback \S+ starter --sandbox \S+$/m,
    );
    const [{ to, outcome } = {} as Release] = await records();
    assert.deepEqual([to, outcome], ["1.7.0", "interrupted"]);

    const back = await stackyard(["rollback", STACK, "starter", ...on, "--yes"]);
    assert.equal(back.exitCode, 0, printed(back));
    assert.deepEqual(await deployed(), imagesAt("1.5.0"));
  });

  it("says what keeps it from going back, and what to type then", async () => {
    const run = release("bad", "--yes");
    await until("the API has the bad tag", async () => (await deployed())["starter-api"] === imagesAt("bad")["starter-api"]);
    const byHand = imagesAt("by-hand")["starter-api"];
    await stack.kubectl("set", "image", "deployment/starter-api", `*=${byHand}`, `--namespace=${NAMESPACE}`);
    const failed = await run;
    assert.equal(failed.exitCode, 1, printed(failed));
    const stuck =
      /the release of bad failed \(the update failed\), and so did the way back \(somebody else has set fields .*\n.*"kubectl-set"/;
    assert.match(failed.stderr as string, stuck);
    assert.match(failed.stderr as string, /npx stackyard rollback \S+ starter --sandbox \S+\n/);
    assert.equal((await records())[0]?.outcome, "stuck");

    const rollback = (env = {}) => stackyard(["rollback", STACK, "starter", ...on, "--yes"], { env });
    const refused = await rollback();
    assert.equal(refused.exitCode, 1, printed(refused));
    assert.match(refused.stderr as string, /PULUMI_K8S_ENABLE_PATCH_FORCE=true npx stackyard rollback \S+ starter --sandbox \S+ /);
    const back = await rollback({ PULUMI_K8S_ENABLE_PATCH_FORCE: "true" });
    assert.equal(back.exitCode, 0, printed(back));
    assert.deepEqual(await serving(), Object.values(imagesAt("1.5.0")));
  });
});
