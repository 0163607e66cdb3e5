import { strict as assert } from "node:assert";
import { execa } from "execa";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { environmentOf, printed, stackyard } from "../support/stackyard";

const SANDBOX = `command-${process.pid}`;
const FAULTY = `faulty-${process.pid}`;
const on = ["--sandbox", SANDBOX];

describe("the stackyard command", function () {
  this.timeout("15m");
  const empty = mkdtempSync(join(tmpdir(), "stackyard-empty-"));
  let env: Record<string, string>;

  before(async () => {
    env = await environmentOf(SANDBOX);
  });
  after(async () => {
    await stackyard(["sandbox", "reset", ...on]);
    rmSync(`Pulumi.${FAULTY}.yaml`, { force: true });
    rmSync(empty, { recursive: true });
  });

  it("says which stacks there are when it is given another one", async () => {
    const { exitCode, stderr } = await stackyard(["up", "staging", ...on]);
    assert.equal(exitCode, 1);
    assert.match(stderr as string, /there is no stack "staging".*dev.*prod/);
  });

  it("has help for every command, and exits with 1 on an option that it does not know", async () => {
    const { stdout } = await stackyard(["--help"]);
    for (const command of ["up", "preview", "down", "env", "doctor", "sandbox"]) {
      assert.match(stdout as string, new RegExp(`\\b${command}\\b`));
      assert.equal((await stackyard([command, "--help"])).exitCode, 0);
    }
    const { exitCode, stderr } = await stackyard(["up", "--clutser", "x"]);
    assert.equal(exitCode, 1);
    assert.match(stderr as string, /--cluster/);
  });

  it("prints exports that a shell takes, with which plain pulumi, kubectl and helm work", async () => {
    const script = `eval "$(node cli/stackyard.mjs env --sandbox ${SANDBOX} 2>/dev/null)" && pulumi stack --show-name && kubectl get nodes -o name && helm list --all-namespaces`;
    const { stdout } = await execa("sh", ["-c", script]);
    assert.match(stdout, /^dev\n/);
    assert.match(stdout, /node\/node-0/);
    assert.match(stdout, /NAMESPACE/);
  });

  it("finds everything, and names it with version and source", async () => {
    const { exitCode, stdout } = await stackyard(["doctor", ...on, "--json"]);
    assert.equal(exitCode, 0, stdout as string);
    const findings = JSON.parse(stdout as string) as { what: string; version: string; source: string }[];
    for (const what of ["pulumi", "kube-apiserver", "etcd", "kwokctl", "kubectl", "helm", "plugin kubernetes", `sandbox ${SANDBOX}`]) {
      const finding = findings.find((finding) => finding.what === what);
      assert.ok(finding?.version && finding.source, `${what} was not found`);
    }
  });

  it("ends with 1 and a remedy a line where programs are missing", async () => {
    const { exitCode, stdout } = await stackyard(["doctor", "--sandbox", "none-here"], { env: { STACKYARD_CACHE: empty, HOME: empty } });
    assert.equal(exitCode, 1);
    assert.match(stdout as string, /kube-apiserver: npx stackyard/);
    assert.match(stdout as string, /sandbox none-here: npx stackyard sandbox start --sandbox none-here/);
  });

  it("touches no cluster of the user's own that the stack is not bound to, and says how to bind it", async () => {
    const { stdout: context } = await execa("kubectl", ["config", "current-context"], { env });
    const { stdout: uid } = await execa("kubectl", ["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"], { env });
    const { exitCode, stderr } = await stackyard(["up", "dev", "--cluster", context, "--yes"], { env: { KUBECONFIG: env.KUBECONFIG } });
    assert.equal(exitCode, 1);
    assert.match(stderr as string, /bound to no cluster/);
    assert.match(stderr as string, new RegExp(`pulumi config set .*stackyard:cluster\\.uid' ${uid}`));

    const nowhere = await stackyard(["up", "dev", "--cluster", "nowhere", "--yes"], { env: { KUBECONFIG: env.KUBECONFIG } });
    assert.equal(nowhere.exitCode, 1);
    assert.match(nowhere.stderr as string, new RegExp(`no context "nowhere"; it has .*${context}`));
  });

  it("does not destroy a protected environment whose name nobody typed", async () => {
    for (const [given, said] of [
      [[], "--confirm prod"],
      [["--confirm", "dev"], '--confirm names "dev"'],
    ] as const) {
      const { exitCode, stderr } = await stackyard(["down", "prod", ...on, ...given]);
      assert.equal(exitCode, 1);
      assert.ok((stderr as string).includes(said), stderr as string);
    }
  });

  it("shows what is wrong with the pods when a rollout fails, and recovers once it is mended", async () => {
    const dev = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: { "stackyard:dotdo": Record<string, unknown> } };
    const write = (annotations: Record<string, string>) => {
      const config = {
        "stackyard:layers": ["dotdo"],
        "stackyard:dotdo": { ...dev.config["stackyard:dotdo"], podAnnotations: annotations, progressDeadlineSeconds: 15 },
      };
      writeFileSync(`Pulumi.${FAULTY}.yaml`, stringify({ config }));
    };
    write({ "stackyard.dev/sandbox-fault": "crash" });
    const broken = await stackyard(["up", FAULTY, ...on]);
    assert.notEqual(broken.exitCode, 0);
    assert.match(broken.stderr as string, /Pod dotdo-dev\/dotdo-\S+ is not ready/);
    assert.match(broken.stderr as string, /container dotdo: CrashLoopBackOff/);

    write({});
    const mended = await stackyard(["up", FAULTY, ...on]);
    assert.equal(mended.exitCode, 0, printed(mended));
  });
});
