import type { KubernetesObject, V1Deployment, V1Ingress } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";

const SANDBOX = `main-job-${process.pid}`;
const DIR = join(".sandbox", SANDBOX);
const LOCKS = join(DIR, "state", ".pulumi", "locks", "organization", "stackyard", "dev");
const on = ["--sandbox", SANDBOX];

let env: Record<string, string>;

/** Objects of ours that the cluster has. */
async function ours<T extends KubernetesObject>(kinds: string, namespace?: string): Promise<T[]> {
  const where = namespace ? ["--namespace", namespace] : ["--all-namespaces"];
  const { stdout } = await execa("kubectl", ["get", kinds, ...where, "-l", "app.kubernetes.io/part-of=stackyard", "-o", "json"], { env });
  return (JSON.parse(stdout) as { items: T[] }).items;
}

const named = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ""}${metadata?.name}`;

const read = (file: string) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
};

/** Command lines of the processes that belong to the sandbox: its folder is among the arguments, or what Pulumi started has it in its environment. */
const processes = () =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => ({ command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " "), environment: read(`/proc/${pid}/environ`) }))
    .filter(({ command, environment }) => command.includes(DIR) || (command.includes("pulumi") && environment.includes(DIR)))
    .map(({ command }) => command);

/** Ids of the auto-named objects of the stack, which a second copy would add to. */
async function generated(): Promise<string[]> {
  const objects = await ours("configmaps,secrets");
  return objects.filter(({ metadata }) => metadata?.annotations?.["pulumi.com/autonamed"] === "true").map(named);
}

async function inState(): Promise<string[]> {
  const { stdout } = await execa("pulumi", ["stack", "export"], { env });
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: { type: string; outputs?: KubernetesObject }[] } };
  return deployment.resources
    .filter(({ type }) => type.startsWith("kubernetes:core/v1:"))
    .flatMap(({ outputs }) => (outputs?.kind ? [named(outputs)] : []));
}

async function assertSettled(): Promise<void> {
  const { exitCode, stdout } = await execa("pulumi", ["preview", "--expect-no-changes", "--non-interactive"], { env, reject: false });
  assert.equal(exitCode, 0, stdout);
  const known = new Set(await inState());
  assert.deepEqual(
    (await generated()).filter((object) => !known.has(object)),
    [],
    "the cluster has objects of ours that the state does not know",
  );
}

describe("npm run up and down", function () {
  this.timeout("15m"); // cold, the programs are built first

  before(async () => {
    const started = await stackyard(["sandbox", "start", ...on]);
    assert.equal(started.exitCode, 0, printed(started));
    env = await environmentOf(SANDBOX);
  });
  after(() => stackyard(["sandbox", "reset", ...on]));

  it("finishes what an up left whose engine was killed, nothing twice and nothing lost", async () => {
    const first = stackyard(["up", ...on]);
    await until("the namespace has its first pods", async () => (await ours("pods")).length > 0, 240);
    const [lock] = readdirSync(LOCKS);
    const { pid } = JSON.parse(readFileSync(join(LOCKS, lock ?? ""), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    assert.notEqual((await first).exitCode, 0);
    assert.deepEqual(
      processes().filter((command) => command.includes("pulumi")),
      [],
      "what the engine had started is still there",
    );

    const second = await stackyard(["up", ...on]);
    assert.equal(second.exitCode, 0, printed(second));
    await assertSettled();
  });

  it("keeps of the compiled program no line numbers in the state", async () => {
    const { stdout } = await execa("pulumi", ["stack", "export"], { env });
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: { urn: string; stackTrace?: unknown[] }[] } };
    const traced = deployment.resources.flatMap(({ urn, stackTrace }) => (stackTrace?.length ? [urn] : []));
    assert.deepEqual(traced, ["urn:pulumi:dev::stackyard::pulumi:pulumi:Stack::stackyard-dev"]); // the SDK makes it, ahead of our code
  });

  it("brings dotdo up: available, scaled, budgeted, and reachable at an address", async () => {
    // its autoscaler may just have asked for its least replicas
    await until("dotdo is available", async () => {
      const [dotdo] = (await ours<V1Deployment>("deployments")).filter(({ metadata }) => metadata?.name === "dotdo");
      return dotdo?.status?.conditions?.some(({ type, status }) => type === "Available" && status === "True") === true;
    });
    assert.deepEqual(
      (await ours("hpa,pdb", "dotdo-dev")).map(named).sort(),
      ["HorizontalPodAutoscaler", "PodDisruptionBudget"].map((kind) => `${kind} dotdo-dev/dotdo`),
    );
    const ingresses = await ours<V1Ingress>("ingresses");
    assert.ok(ingresses.length > 0 && ingresses.every(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip));
  });

  it("changes nothing the second time, in the cluster or in a tracked file", async () => {
    const tracked = async () => (await execa("git", ["diff", "HEAD"])).stdout;
    const before = await tracked();
    const again = await stackyard(["up", ...on]);
    assert.equal(again.exitCode, 0, printed(again));
    assert.match(again.stdout as string, /\d+ unchanged/);
    assert.doesNotMatch(again.stdout as string, /to create|to update|to replace|to delete|created|updated|replaced|deleted/);
    assert.equal(await tracked(), before);
    await assertSettled();
  });

  it("destroys what holds no data, names what it keeps, and leaves no process", async () => {
    const down = await stackyard(["down", ...on]);
    assert.equal(down.exitCode, 0, printed(down));
    assert.deepEqual(processes(), []);

    await stackyard(["sandbox", "start", ...on]);
    const left = await ours("all,namespaces,persistentvolumeclaims,configmaps,secrets,ingresses,networkpolicies,hpa,pdb,serviceaccounts");
    for (const object of left.map(named))
      assert.ok((down.stdout as string).includes(object), `${object} was left and not named:\n${printed(down)}`);
    assert.ok(
      left.some(({ kind }) => kind === "PersistentVolumeClaim"),
      "no claim was kept",
    );
  });

  it("takes over what it kept, and finishes an up whose API server was killed", async () => {
    const claims = (await ours("persistentvolumeclaims")).map(({ metadata }) => metadata?.uid);
    const first = stackyard(["up", ...on]);
    await until("the namespace has its first pods", async () => (await ours("pods")).length > 0, 240);
    const { stdout } = await stackyard(["sandbox", "status", ...on, "--json"]);
    const { components } = JSON.parse(stdout as string) as { components: { name: string; pid?: number }[] };
    process.kill(components.find(({ name }) => name === "kube-apiserver")?.pid ?? NaN, "SIGKILL");
    await first;

    const second = await stackyard(["up", ...on]);
    assert.equal(second.exitCode, 0, printed(second));
    const now = (await ours("persistentvolumeclaims")).map(({ metadata }) => metadata?.uid);
    assert.deepEqual(
      claims.filter((uid) => !now.includes(uid)),
      [],
      "a claim that was kept is there no more",
    );
    await assertSettled();
  });

  it("is told by an up whose state is lost how to take over what there is, which then has all that it had", async () => {
    const lasting = async () => (await ours("persistentvolumeclaims,services,namespaces")).map(({ metadata }) => metadata?.uid).sort();
    const before = await lasting();
    rmSync(join(DIR, "state", ".pulumi", "stacks", "stackyard", "dev.json"));
    const lost = await stackyard(["up", ...on]);
    assert.equal(lost.exitCode, 1, printed(lost));
    assert.match(
      lost.stderr as string,
      /the cluster already has what the state of stack "dev" does not know:\n( {2}\S+: \S+ "\S+" already exists\n)+/,
    );
    const [, words = ""] = /^ *\$? ?npx stackyard (up .*--take-over)/m.exec(lost.stderr as string) ?? assert.fail(printed(lost));
    const found = await stackyard(words.trim().split(" "));
    assert.equal(found.exitCode, 0, printed(found));
    assert.deepEqual(await lasting(), before);
    await assertSettled();
  });

  it("leaves nothing after a reset", async () => {
    const { exitCode } = await stackyard(["sandbox", "reset", ...on]);
    assert.equal(exitCode, 0);
    assert.deepEqual(processes(), []);
    assert.ok(!existsSync(DIR));
  });
});
