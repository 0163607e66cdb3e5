import type { V1Deployment } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";

const SANDBOX = `charts-recovery-${process.pid}`;
const STACK = SANDBOX;
const FILE = `Pulumi.${STACK}.yaml`;
const STATE = join(".sandbox", SANDBOX, "state", ".pulumi");
const NAMESPACE = "dotdo-dev";
const on = ["--sandbox", SANDBOX];

describe("a system by its own chart, whose up or down was cut off", function () {
  this.timeout("5m");
  let env: Record<string, string>;

  /** What the stack is to be; pods that hang keep Helm waiting. */
  const wish = (tag: string, fault?: "hang") =>
    writeFileSync(
      FILE,
      stringify({
        config: {
          "stackyard:layers": ["dotdo"],
          "stackyard:dotdo": {
            chart: { path: "./test/fixtures/charts/dotdo", timeoutSeconds: 120 },
            namespace: { name: NAMESPACE },
            image: { tag },
            podAnnotations: fault ? { "stackyard.dev/sandbox-fault": fault } : {},
            ingress: { hosts: [{ host: "dotdo.localhost" }] },
            prometheus: { enabled: false },
          },
        },
      }),
    );

  before(async function () {
    this.timeout("15m"); // the first run builds the programs
    wish("0.1.0", "hang");
    env = await environmentOf(SANDBOX, STACK);
  });
  after(async () => {
    rmSync(FILE, { force: true });
    await stackyard(["sandbox", "reset", ...on]);
  });

  const statuses = async () => {
    const { stdout } = await execa("helm", ["history", "dotdo", "--namespace", NAMESPACE, "--output", "json"], { env });
    return (JSON.parse(stdout) as { status: string }[]).map(({ status }) => status);
  };
  const deployed = async () => {
    const { stdout } = await execa("kubectl", ["get", "deployment/dotdo", "--namespace", NAMESPACE, "--output", "json"], { env });
    const { metadata, spec, status } = JSON.parse(stdout) as V1Deployment;
    const { unavailableReplicas = 0 } = status ?? {};
    return { uid: metadata?.uid ?? "", image: spec?.template.spec?.containers[0]?.image, isWhole: unavailableReplicas === 0 };
  };
  /** Its autoscaler may just have asked for more pods. */
  const whole = async (tag: string) => {
    await until("all pods of dotdo are there", async () => (await deployed()).isWhole, 30);
    const { uid, image } = await deployed();
    assert.equal(image, `ghcr.io/dot-do/dotdo:${tag}`);
    return uid;
  };
  /** Runs a command, and kills its engine once Helm's last record is of this status. */
  async function cutOff(status: string, ...args: string[]): Promise<void> {
    const run = stackyard([...args, STACK, ...on]);
    await until(`Helm's last record is ${status}`, async () => (await statuses()).at(-1) === status, 90);
    const locks = join(STATE, "locks", "organization", "stackyard", STACK);
    const [lock = ""] = readdirSync(locks);
    process.kill((JSON.parse(readFileSync(join(locks, lock), "utf8")) as { pid: number }).pid, "SIGKILL");
    assert.notEqual((await run).exitCode, 0);
    assert.equal((await statuses()).at(-1), status);
  }
  const succeed = async (...args: string[]) => {
    const ended = await stackyard([...args, ...on]);
    assert.equal(ended.exitCode, 0, printed(ended));
  };
  const takingOver = new RegExp(`npx stackyard up ${STACK} .*--take-over`);
  const settled = () => execa("pulumi", ["preview", "--expect-no-changes", "--non-interactive"], { env });

  it("is installed by the next up, which gets helm, and needs none of the user's", async () => {
    await cutOff("pending-install", "up");
    wish("0.1.0");
    await succeed("up", STACK);
    await whole("0.1.0");
    await settled();
  });

  it("is upgraded by the next up, and where nothing says that one was cut off, as that one says", async () => {
    const { uid } = await deployed();
    wish("0.2.0", "hang");
    await cutOff("pending-upgrade", "up");
    rmSync(join(".sandbox", SANDBOX, `${STACK}.unrecorded`)); // as on a cluster of one's own
    wish("0.3.0");
    const busy = await stackyard(["up", STACK, ...on]);
    assert.equal(busy.exitCode, 1, printed(busy));
    assert.match(busy.stderr as string, /an operation of Helm's was cut off[^]*dotdo-release: another operation \(.*\) is in progress/);
    assert.match(busy.stderr as string, takingOver);
    await succeed("up", STACK, "--take-over");
    assert.equal(await whole("0.3.0"), uid);
    await settled();
  });

  it("is taken over where the state is lost, as it is said to be", async () => {
    const { uid } = await deployed();
    rmSync(join(STATE, "stacks", "stackyard", `${STACK}.json`));
    wish("0.4.0");
    const lost = await stackyard(["up", STACK, ...on]);
    assert.equal(lost.exitCode, 1, printed(lost));
    assert.match(lost.stderr as string, takingOver);
    await succeed("up", STACK, "--take-over");
    assert.equal(await whole("0.4.0"), uid);
    assert.deepEqual((await statuses()).slice(-2), ["superseded", "deployed"]);
    await settled();
  });

  it("comes back whole where a down was cut off", async () => {
    const finalizers = (value: string) => [
      "patch",
      "deployment/dotdo",
      `--namespace=${NAMESPACE}`,
      "--type=merge",
      `--patch={"metadata":{"finalizers":${value}}}`,
    ];
    await execa("kubectl", finalizers('["stackyard.dev/test"]'), { env });
    await cutOff("uninstalling", "down");
    await execa("kubectl", finalizers("null"), { env });
    await succeed("up", STACK);
    await whole("0.4.0");
    await settled();
  });
});
