import type { V1Deployment, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { faultyPods } from "../support/faults";
import { printed, stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `rollback-${process.pid}`;
/** A stack whose file is dev's with the layer of dotdo alone. */
const STACK = SANDBOX;
const FILE = `Pulumi.${STACK}.yaml`;
const NAMESPACE = "dotdo-dev";
const IMAGE = "ghcr.io/dot-do/dotdo";

describe("stackyard rollback", function () {
  this.timeout("5m");
  let stack: TrialStack;
  const on = ["--sandbox", SANDBOX];
  const bad = faultyPods("bad-tag", "crash", { image: `${IMAGE}:bad` });

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, object> };
    const dotdo = { ...config["stackyard:dotdo"], progressDeadlineSeconds: 15 };
    writeFileSync(FILE, stringify({ config: { "stackyard:layers": ["dotdo"], "stackyard:dotdo": dotdo } }));
    stack = await TrialStack.on(SANDBOX, STACK);
    const up = await stackyard(["up", STACK, ...on, "--set", `stackyard:dotdo.image.tag=good`]);
    assert.equal(up.exitCode, 0, printed(up));
    await bad.begin(stack.env);
  });
  after(async () => {
    stack?.close();
    rmSync(FILE, { force: true });
    await stackyard(["sandbox", "reset", ...on]);
  });

  const deployed = async () => {
    const [dotdo] = await stack.objects<V1Deployment>("deployments", `--namespace=${NAMESPACE}`, "--field-selector=metadata.name=dotdo");
    const { unavailableReplicas = 0 } = dotdo?.status ?? {};
    return { image: dotdo?.spec?.template.spec?.containers[0]?.image, unavailable: unavailableReplicas };
  };
  const claims = async () =>
    (await stack.objects<V1PersistentVolumeClaim>("persistentvolumeclaims", `--namespace=${NAMESPACE}`)).map(({ metadata, spec }) => [
      metadata?.name,
      metadata?.uid,
      spec?.volumeName,
    ]);

  it("has nothing to go back to where there was never another image", async () => {
    const { exitCode, stderr } = await stackyard(["rollback", STACK, "starter", ...on, "--yes"]);
    assert.equal(exitCode, 1);
    assert.match(stderr as string, /the history of stack "\S+" has no update that succeeded with other images of starter/);
  });

  it("brings the image before back where the pods of the new one crash, says so first, and leaves all claims as they are", async () => {
    const before = await claims();
    assert.ok(before.length > 0);
    const up = await stackyard(["up", STACK, ...on, "--set", `stackyard:dotdo.image.tag=bad`]);
    assert.notEqual(up.exitCode, 0, printed(up));
    assert.equal((await deployed()).image, `${IMAGE}:bad`);

    const unasked = await stackyard(["rollback", STACK, ...on]);
    assert.equal(unasked.exitCode, 1, printed(unasked));
    assert.match(unasked.stdout as string, /stackyard:dotdo\.image\.tag +bad +good/);
    assert.match(unasked.stdout as string, /update +dotdo-pods +kubernetes:apps\/v1:Deployment/);
    assert.equal((await deployed()).image, `${IMAGE}:bad`, "nobody said yes");

    const back = await stackyard(["rollback", STACK, ...on, "--yes"]);
    assert.equal(back.exitCode, 0, printed(back));
    assert.deepEqual(await deployed(), { image: `${IMAGE}:good`, unavailable: 0 });
    assert.deepEqual(await claims(), before);
    const [newest] = JSON.parse((await stack.pulumi("stack", "history", "--json")).stdout) as { message: string }[];
    assert.equal(newest?.message, "rollback: stackyard:dotdo.image.tag to good");
  });

  it("says of an image that somebody has set by hand who did, and what to type, which goes back to the stack's", async () => {
    const up = await stackyard(["up", STACK, ...on, "--set", "stackyard:dotdo.image.tag=better"]);
    assert.equal(up.exitCode, 0, printed(up));
    const setByHand = () => stack.kubectl("set", "image", "deployment/dotdo", `*=${IMAGE}:by-hand`, `--namespace=${NAMESPACE}`);
    await setByHand();

    const refused = await stackyard(["rollback", STACK, "dotdo", ...on, "--yes"]);
    assert.equal(refused.exitCode, 1, printed(refused));
    assert.match(refused.stderr as string, /conflict with "kubectl-set" using apps\/v1: \.spec\S+image/);
    const typed = `PULUMI_K8S_ENABLE_PATCH_FORCE=true npx stackyard rollback ${STACK} dotdo ${on.join(" ")}`;
    assert.ok((refused.stderr as string).includes(typed), refused.stderr as string);
    assert.equal((await deployed()).image, `${IMAGE}:by-hand`);

    const back = await stackyard(["rollback", STACK, "dotdo", ...on, "--yes"], { env: { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" } });
    assert.equal(back.exitCode, 0, printed(back));
    assert.equal((await deployed()).image, `${IMAGE}:good`);

    await setByHand();
    const ahead = await stackyard(["up", STACK, ...on, "--set", "stackyard:dotdo.image.tag=best"]);
    assert.notEqual(ahead.exitCode, 0, printed(ahead));
    const told = new RegExp(`somebody else has set fields that stack "${STACK}" would change:\\n  dotdo-pods: conflict with "kubectl-set"`);
    assert.match(ahead.stderr as string, told);
    assert.match(ahead.stderr as string, new RegExp(`PULUMI_K8S_ENABLE_PATCH_FORCE=true npx stackyard up ${STACK} `));
  });
});
