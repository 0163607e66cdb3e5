import { strict as assert } from "node:assert";
import { execa } from "execa";
import { rmSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { environmentOf, printed, stackyard } from "../support/stackyard";

const SANDBOX = `environment-${process.pid}`;
const on = ["--sandbox", SANDBOX];

/** A stack's file, as who makes an environment writes it. */
const write = (stack: string, config: Record<string, unknown>) =>
  writeFileSync(
    `Pulumi.${stack}.yaml`,
    stringify({ config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`stackyard:${key}`, value])) }),
  );

/** dotdo, as small as it gets. */
const dotdo = (namespace: string, rest: object = {}) => ({
  namespace: { name: namespace },
  image: { tag: "0.1.0" },
  drain: { maxSeconds: 30 },
  autoscaling: { enabled: false },
  replicaCount: 1,
  podDisruptionBudget: { enabled: false },
  ingress: { enabled: false },
  prometheus: { serviceMonitor: { enabled: false } },
  ...rest,
});

const said = (run: Awaited<ReturnType<typeof stackyard>>) => printed(run).replaceAll(/\p{Cc}\[[\d;]*m/gu, "");
/** What happened to how many resources, by what Pulumi says at the end of each stack. */
const changes = (run: Awaited<ReturnType<typeof stackyard>>) =>
  [...said(run).matchAll(/[+~-] (\d+ (?:created|updated|deleted))/g)].map(([, change]) => change);

/** Stacks in the order in which a run says that it begins with them. */
const order = (run: Awaited<ReturnType<typeof stackyard>>) =>
  [...said(run).matchAll(/^Stack \d of \d: (\S+)$/gm)].map(([, stack]) => stack);

describe("an environment", function () {
  this.timeout("15m"); // the first run builds the programs
  const fifth = `fifth-${process.pid}`;
  const name = `trial-${process.pid}`;
  const platform = `${name}-platform`;
  const last = `${name}-last`;
  let env: Record<string, string>;

  before(async () => {
    env = await environmentOf(SANDBOX);
  });
  after(async () => {
    await stackyard(["sandbox", "reset", ...on]);
    for (const stack of [fifth, name, platform, last]) rmSync(`Pulumi.${stack}.yaml`, { force: true });
  });

  const kubectl = async (...args: string[]) => (await execa("kubectl", args, { env })).stdout;
  const namespaces = async () =>
    (await kubectl("get", "namespaces", "--selector=app.kubernetes.io/part-of=stackyard", "--output=name")).split("\n").filter(Boolean);

  it("that is new is one YAML file: it comes up with values of its own, stays as it is, and goes", async () => {
    write(fifth, {
      layers: ["dotdo", "fluxiondb"],
      dotdo: dotdo("fifth-objects", { replicaCount: 2, env: { LOG_LEVEL: "error" } }),
      fluxiondb: { image: { tag: "1.0.3" }, tenants: { fifth: { ram: "768Mi", generateKey: true } } },
    });
    const up = await stackyard(["up", fifth, ...on]);
    assert.equal(up.exitCode, 0, printed(up));
    assert.deepEqual(await namespaces(), ["namespace/fifth-objects", "namespace/fluxiondb-fifth"]);
    const replicas = "--output=jsonpath={.spec.replicas} {.status.readyReplicas}";
    assert.equal(await kubectl("get", "deployment", "dotdo", "--namespace=fifth-objects", replicas), "2 2");
    const memory = "--output=jsonpath={.spec.template.spec.containers[0].resources.requests.memory}";
    assert.equal(await kubectl("get", "statefulset", "fluxiondb", "--namespace=fluxiondb-fifth", memory), "768Mi");

    const again = await stackyard(["up", fifth, ...on]);
    assert.equal(again.exitCode, 0, printed(again));
    assert.deepEqual(changes(again), []);

    const down = await stackyard(["down", fifth, ...on]);
    assert.equal(down.exitCode, 0, printed(down));
    await stackyard(["sandbox", "start", ...on]);
    assert.deepEqual(await namespaces(), ["namespace/fluxiondb-fifth"], "only what holds data is left");
  });

  describe("of several stacks", () => {
    const standing = (rest: object) => ({ layers: ["dotdo"], platformStack: platform, dotdo: dotdo("trial-objects", rest) });
    const all = [platform, name, last];

    before(() => {
      write(platform, { layers: ["platform"], platform: { storageClasses: { standard: { existing: true, default: true } } } });
    });

    /** Stacks that have ever been brought up. */
    const touched = async () => {
      const { stdout } = await execa("pulumi", ["stack", "ls", "--json"], { env });
      return (JSON.parse(stdout) as { name: string; resourceCount?: number }[])
        .filter(({ name: stack, resourceCount = 0 }) => resourceCount > 0 && all.includes(stack))
        .map(({ name: stack }) => stack);
    };

    it("is refused whole, with every error of every file, before its first stack changes anything", async () => {
      write(name, standing({ service: { port: 70000 } }));
      write(last, { layers: [], platformStak: platform });
      const { exitCode, stderr } = await stackyard(["up", "--environment", name, ...on]);
      assert.equal(exitCode, 1);
      assert.match(stderr as string, new RegExp(`the config of stack "${name}" has 1 error[^]*70000 is no port`));
      assert.match(stderr as string, new RegExp(`the config of stack "${last}" has 1 error[^]*did you mean stackyard:platformStack`));
      assert.deepEqual(await touched(), []);
    });

    it("stops at the stack that fails, says which were not tried, and what to type to go on", async () => {
      write(name, standing({ prometheus: { serviceMonitor: { enabled: true } } })); // of which the platform knows nothing
      write(last, { layers: [], platformStack: `organization/stackyard/${platform}` });
      const run = await stackyard(["up", "--environment", name, ...on]);
      assert.notEqual(run.exitCode, 0);
      assert.match(said(run), new RegExp(`stack "${name}" failed\\n\\nNot tried: ${last}\\n`));
      assert.match(said(run), new RegExp(`What to type next:\\n {2}npx stackyard up --environment ${name} --sandbox ${SANDBOX} `));
      assert.deepEqual(await touched(), [platform]);
    });

    it("comes up in the order in which they read each other, and stays as it is", async () => {
      write(name, { ...standing({}), protected: true });
      const up = await stackyard(["up", "--environment", name, ...on]);
      assert.equal(up.exitCode, 0, printed(up));
      assert.deepEqual(order(up), all);
      assert.match(said(up), new RegExp(`Up are ${all.join(", ")} \\(\\d+ s\\)`));
      assert.deepEqual(await namespaces(), ["namespace/fluxiondb-fifth", "namespace/trial-objects"]);

      const preview = await stackyard(["preview", "--environment", name, ...on, "--", "--expect-no-changes", "--show-sames"]);
      assert.equal(preview.exitCode, 0, printed(preview));
      assert.match(said(preview), /dotdo-namespace/); // which Pulumi shows only with the last of these
      assert.deepEqual(order(preview), all);
    });

    it("goes in the opposite order, by its own name where one of it is protected", async () => {
      const refused = await stackyard(["down", "--environment", name, ...on, "--confirm", platform]);
      assert.match(said(refused), new RegExp(`--confirm names "${platform}", and what is protected is environment "${name}"`));
      assert.equal(refused.exitCode, 1);

      const down = await stackyard(["down", "--environment", name, ...on, "--confirm", name]);
      assert.equal(down.exitCode, 0, printed(down));
      assert.deepEqual(order(down), [...all].reverse());
      await stackyard(["sandbox", "start", ...on]);
      assert.deepEqual(await touched(), []);
    });
  });
});
