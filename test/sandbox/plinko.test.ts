import type { V1Deployment, V1Job, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { stackyard, until } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `plinko-${process.pid}`;
const PLACE = ["--namespace", "plinko-dev"];
const NODES = "--selector=stackyard.dev/sandbox-node";
const READERS = ["plinko-update-service", "plinko-pir-server", "plinko-cdn-mock"];
const JOBS = ["plinko-db-generator", "plinko-hint-generator"];

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly modified?: string;
}
type Section = Record<string, Record<string, unknown>>;
const image = (tag: string) => ({ image: { tag } });

describe("Plinko on a sandbox", function () {
  this.timeout("15m"); // the first run builds the programs
  let stack: TrialStack;

  /** Plinko alone, as stack dev has it, with all changes of before and this one. */
  const write = (change: (section: Section) => void, once = false) => {
    stack.write((config) => {
      for (const layer of ["dotdo", "fluxiondb", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
      config["stackyard:layers"] = ["plinko"];
      for (const each of [...lasting, change]) each(config["stackyard:plinko"] as Section);
    });
    if (!once) lasting.push(change);
  };
  const lasting: ((section: Section) => void)[] = [];
  const pulumi = async (...args: string[]) => {
    const { exitCode, all } = await stack.pulumi(...args);
    assert.equal(exitCode, 0, all);
  };
  const up = () => pulumi("up", "--yes", "--skip-preview");

  /** What an up says that is refused, after it has been seen to change nothing. */
  const refusal = async () => {
    const state = async () => {
      const { deployment } = JSON.parse((await stack.pulumi("stack", "export")).stdout) as { deployment: { resources: Resource[] } };
      const resources = deployment.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"); // every run registers it
      return resources.map(({ urn, modified }) => `${urn} ${modified}`);
    };
    const before = await state();
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0, all);
    assert.doesNotMatch(all, /\n\s+at /);
    assert.deepEqual(await state(), before);
    return all;
  };

  const jobs = async () => {
    const all = await stack.objects<V1Job>("jobs", ...PLACE);
    assert.equal(all.length, 2, all.map(({ metadata }) => metadata?.name).join());
    return JOBS.map((name) => all.find(({ metadata }) => metadata?.name?.startsWith(`${name}-`)) ?? assert.fail(`there is no ${name}`));
  };
  const uidsOf = (objects: readonly (V1Job | V1Pod)[]) => objects.map(({ metadata }) => metadata?.uid).sort();

  /** Pods with the volume, of services and of Jobs. */
  const pods = () => stack.objects<V1Pod>("pods", ...PLACE, "--selector=stackyard.dev/shares-volume=plinko");
  const runs = ({ status, metadata }: V1Pod) => status?.phase === "Running" && !metadata?.deletionTimestamp;
  const nodesOf = (some: readonly V1Pod[]) => new Set(some.map(({ spec }) => spec?.nodeName));

  /** Folder of the generation that each reader has as /data. */
  const generations = async () => {
    const deployments = await stack.objects<V1Deployment>("deployments", ...PLACE);
    return READERS.map((name) => {
      const [container] = deployments.find(({ metadata }) => metadata?.name === name)?.spec?.template.spec?.containers ?? [];
      return container?.volumeMounts?.find(({ mountPath }) => mountPath === "/data")?.subPath;
    });
  };

  before(async () => {
    stack = await TrialStack.on(SANDBOX, "dev", { policies: false });
    write(() => {});
    await up();
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  it("runs all pods with a volume for one node on one node", async () => {
    await until("the autoscalers have made their pods", async () => (await pods()).filter(runs).length >= 5);
    assert.equal(nodesOf((await pods()).filter(runs)).size, 1);
    const all = (await stack.objects<V1Pod>("pods", ...PLACE)).filter(runs);
    assert.ok(nodesOf(all).size > 1, "the pods without a volume run elsewhere, too");
  });

  describe("runs its Jobs", () => {
    it("not again in a refresh, nor in an up after it, nor with a change that is not theirs", async () => {
      const before = await jobs();
      await pulumi("refresh", "--yes", "--skip-preview");
      assert.deepEqual(uidsOf(await jobs()), uidsOf(before));
      write((section) => {
        section["ethMock"] = { blockTime: 6, ...image("v1.2.4") };
        for (const part of ["plinkoUpdateService", "plinkoPirServer", "rabbyWallet"]) section[part] = image("1.0.1");
        section["persistence"] = { size: "30Gi" };
      });
      await up();
      assert.deepEqual(uidsOf(await jobs()), uidsOf(before));
    });

    it("and keeps what has run: no time takes it away", async () => {
      for (const { spec } of await jobs()) assert.equal(spec?.ttlSecondsAfterFinished, undefined);
    });

    it("again when their inputs change; who reads stays with the old data until the new is there", async () => {
      const [old, readers] = [await generations(), (await pods()).filter(runs)];

      // no pod finds a node, so that the Jobs take their time
      await stack.kubectl("cordon", NODES);
      write((section) => (section["dbGenerator"] = image("1.0.1")));
      const run = stack.pulumi("up", "--yes", "--skip-preview");
      try {
        await until("a pod of the new Job waits for a node", async () => (await pods()).some(({ status }) => status?.phase === "Pending"));
        assert.deepEqual(await generations(), old);
        assert.deepEqual(uidsOf((await pods()).filter(runs)), uidsOf(readers));
      } finally {
        await stack.kubectl("uncordon", NODES);
        await run;
      }
      assert.equal((await run).exitCode, 0, (await run).all);

      const [database, hints] = await jobs();
      const fresh = await generations();
      assert.deepEqual([...new Set(fresh)], [`serving-${hints?.metadata?.name?.split("-").at(-1)}`]);
      assert.ok(!old.includes(fresh[0]), "the data is of another generation");
      const times = [
        database?.status?.completionTime,
        hints?.status?.startTime,
        hints?.status?.completionTime,
        ...(await pods()).filter(runs).map(({ metadata }) => metadata?.creationTimestamp),
      ].map((time) => Date.parse(String(time)));
      const [made = NaN, begun = NaN, done = NaN, ...started] = times;
      assert.ok(made <= begun && started.length >= 5 && started.every((start) => done <= start), times.join(" "));
    });

    for (const [generator, option, again] of [
      ["hint generator", "hintGenerator", ["plinko-hint-generator"]],
      ["database generator", "dbGenerator", JOBS],
      ["steps around the programs", "tools", JOBS],
    ] as const) {
      it(`and shows beforehand that another image of the ${generator} does no more than that`, async () => {
        write((section) => (section[option] = image("1.36.1")), true);
        const steps = await stack.preview();
        const changed = (wanted: RegExp) => [...new Set(steps.filter(({ op }) => wanted.test(op)).map(({ name }) => name))].sort();
        assert.deepEqual(changed(/replace/), [...again].sort());
        assert.deepEqual(changed(/^(update|create|delete)$/), [...READERS].sort());
      });
    }
  });

  describe("has a volume", () => {
    it("that does not shrink, which is refused before anything changes", async () => {
      write((section) => (section["persistence"] = { size: "20Gi" }), true);
      const said = await refusal();
      assert.match(said, /stackyard:plinko\.persistence\.size\n\s+"20Gi" is less than claim plinko-data-rwo has \(30Gi\)/);
      assert.match(said, /\$ pulumi config set --stack dev --path 'stackyard:plinko\.persistence\.size' 30Gi\n/);
    });

    const shared = (storageClass: string) => (section: Section) => {
      section["global"] = { storageClass };
      section["persistence"] = { accessMode: "ReadWriteMany" };
    };

    it("that many nodes share, but not of a class whose volumes are for one, which is refused before anything changes", async () => {
      write(shared("standard"), true);
      const said = await refusal();
      assert.match(said, /stackyard:plinko\.persistence\.accessMode\n\s+ReadWriteMany is not to be had of class "standard"/);
      assert.match(said, /attach to one node only/);
      assert.match(said, /\$ pulumi config set --stack dev --path 'stackyard:plinko\.persistence\.accessMode' ReadWriteOnce\n/);
      assert.match(said, /\$ pulumi config set --stack dev --path 'stackyard:plinko\.global\.storageClass' shared /);
    });

    it("that many nodes share, of a class that has it: pods move over to it, and run on several nodes", async () => {
      write(shared("shared"));
      await up();
      const claims = await stack.objects<V1PersistentVolumeClaim>("persistentvolumeclaims", ...PLACE);
      assert.deepEqual(
        claims.map(({ metadata, spec, status }) => [metadata?.name, spec?.accessModes, status?.phase]),
        [["plinko-data-rwx-shared", ["ReadWriteMany"], "Bound"]],
      );
      const running = (await pods()).filter(runs);
      assert.ok(running.length >= 5, `${running.length} pods`);
      assert.ok(nodesOf(running).size > 1);
      for (const { spec } of running)
        assert.ok(spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === "plinko-data-rwx-shared"));
    });
  });
});
