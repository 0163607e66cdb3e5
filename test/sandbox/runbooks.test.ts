import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blocksOf, blockWith, type } from "../support/runbook";
import { printed, stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";
import { objectOf, playRestore } from "../support/velero";

const SANDBOX = `runbooks-${process.pid}`;

/** The first block of a page, which sets what its commands are about. */
const setting = (page: string): string => /^```sh\n([^]*?)^```$/m.exec(readFileSync(`docs/runbooks/${page}.md`, "utf8"))?.[1] ?? "";

describe("the runbooks, on stack dev", function () {
  this.timeout("15m"); // the first run builds the programs
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  let stack: TrialStack;

  before(async () => {
    const up = await stackyard(["up", "dev", "--sandbox", SANDBOX]);
    assert.equal(up.exitCode, 0, printed(up));
    stack = await TrialStack.on(SANDBOX, "dev", { policies: false });
    await stack.kubectl("create", "namespace", "velero"); // dev has none
  });
  after(async () => {
    stack?.close();
    rmSync(folder, { recursive: true });
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  for (const page of ["dotdo", "fluxiondb", "plinko", "starter", "platform"]) {
    it(`of ${page} say how to look, and for backups, in commands that run`, async () => {
      const blocks = ["Symptoms", "Backups"].flatMap((heading) => blocksOf(page, heading));
      assert.ok(blocks.length > 0);
      for (const block of blocks) await type(`${setting(page)}\n${block}`, stack.env);
    });
  }

  it("of the platform says how to keep the state, with no secret in clear", async () => {
    const [block = ""] = blocksOf("platform", "State");
    await type(block.replace("$stack-$(date", `${folder}/$stack-$(date`), stack.env);
    const [file = ""] = readdirSync(folder);
    assert.match(file, /^dev-\d{8}T\d{6}Z\.json$/);
    const secret = await stack.kubectl("get", "secret", "--namespace=fluxiondb-alice", "--output=jsonpath={.items[0].data.secret-key}");
    const key = Buffer.from(secret, "base64").toString();
    assert.match(key, /^[A-Za-z0-9]{40}$/);
    assert.ok(!readFileSync(join(folder, file), "utf8").includes(key), "the copy has a key in clear");
    await type(`pulumi stack import --file ${join(folder, file)}`, stack.env);
  });

  it("of Plinko moves it over to a volume that was restored", async () => {
    const blocks = blocksOf("plinko", "Restore into a new claim");
    const variables = blockWith(blocks, "backup=");
    await type(`${variables}\n${blockWith(blocks, "kind: Restore")}`, stack.env);
    const [namespace, volume] = [
      await objectOf(stack, "plinko-dev", "namespace/plinko-dev"),
      await objectOf(stack, "plinko-dev", "pvc/plinko-data-rwo"),
    ];
    await playRestore(stack, "plinko-restored", [namespace, volume], "plinko-restored");
    const claim = await stack.kubectl("get", "pvc", "--namespace=plinko-restored", "--output=jsonpath={.items[0].metadata.uid}");
    await type(`${variables}\n${blockWith(blocks, "kubectl --namespace velero wait")}\n${blockWith(blocks, "existingClaim")}`, stack.env);
    const [pod] = await stack.objects<{
      spec: { volumes: { persistentVolumeClaim?: { claimName: string } }[] };
      status: { phase: string };
    }>("pods", "--namespace=plinko-restored", "--selector=app.kubernetes.io/component=pir-server");
    assert.ok(pod?.spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === "plinko-data-rwo"));
    assert.equal(await stack.kubectl("get", "pvc", "--namespace=plinko-restored", "--output=jsonpath={.items[0].metadata.uid}"), claim);
    await type("kubectl wait --for=delete namespace/plinko-dev --timeout 120s", stack.env);
  });

  it("of the platform begins anew after the loss of a cluster, and keeps the stack's file", async () => {
    const blocks = blocksOf("platform", "The cluster is gone");
    const file = () => readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8");
    await type(blockWith(blocks, "kube-system"), stack.env);
    const before = file();
    const tracked = readFileSync("Pulumi.dev.yaml", "utf8");
    try {
      await type(blockWith(blocks, "stack rm").replace("$stack-old", `${folder}/old`), stack.env);
      assert.ok(existsSync("Pulumi.dev.yaml"), "the stack's file went with its state");
    } finally {
      writeFileSync("Pulumi.dev.yaml", tracked);
    }
    assert.equal(file(), before);
    const { stdout } = await stack.pulumi("stack", "export");
    assert.deepEqual((JSON.parse(stdout) as { deployment: { resources?: unknown[] } }).deployment.resources ?? [], []);
  });
});
