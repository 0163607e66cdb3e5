import { strict as assert } from "node:assert";
import { MACHINES, stepsOf } from "../../../tenants/machines";
import { StepFailure, type StepContext } from "../../../tenants/machines/step";
import { reach, settled } from "../../../tenants/machines/steps";
import { OPERATION_KINDS } from "../../../tenants/schemas";
import { service, tenant, wanted } from "./given";

/** A cluster in which the tenant's claim asks for so much. */
const clusterWith = (storage: string) => {
  const claims = [{ metadata: { name: wanted().claim.name }, spec: { resources: { requests: { storage } } } }];
  return { look: async () => ({ of: () => ({ pods: [], claims }) }) };
};

const context = (changes: object): StepContext =>
  ({
    cluster: clusterWith("2Gi"),
    operation: { generation: 2, step_at: new Date(), input: {} },
    tenant: tenant("ann", { reached: wanted(), reached_generation: 1, generation: 2 }),
    service: service(),
    ...changes,
  }) as unknown as StepContext;

describe("operations as lists of steps", () => {
  for (const kind of OPERATION_KINDS) {
    it(`${kind} has steps, each of a name of its own, by which it is resumed`, () => {
      const steps = stepsOf(kind);
      assert.ok(steps.length > 1);
      assert.deepEqual([...new Set(steps)], steps);
      for (const { name } of MACHINES[kind]) assert.match(name, /^[a-z-]+$/);
    });
  }

  it("wait for the up of what they have wished, and fail with it", async () => {
    assert.deepEqual(await reach().run(context({})), { waiting: "an up of its shard" });
    const row = { reached: wanted(), generation: 2 };
    assert.deepEqual(await reach().run(context({ tenant: tenant("ann", { ...row, reached_generation: 2 }) })), {});
    const failed = tenant("ann", { ...row, failed_generation: 2, failure: "no room" });
    await assert.rejects(reach().run(context({ tenant: failed })), (error) => error instanceof StepFailure && error.message === "no room");
  });

  it("take back what failed, but no deletion, and nothing where nothing was before", async () => {
    const failed = { generation: 2, failed_generation: 2, failure: "no room" };
    const back = async (kind: string, changes: object) => {
      const operation = { kind, generation: 2 };
      const failure: unknown = await reach()
        .run(context({ operation, tenant: tenant("ann", { ...failed, wanted: wanted({ ram: "8Gi" }), ...changes }) }))
        .catch((error: unknown) => error);
      assert.ok(failure instanceof StepFailure);
      return failure.back;
    };
    assert.deepEqual(await back("resize", { reached: wanted() }), wanted());
    assert.equal(await back("delete", { reached: wanted() }), undefined);
    assert.equal(await back("resize", { reached: wanted({ present: false }) }), undefined);
    assert.equal(await back("provision", {}), undefined);
  });

  it("take nothing back for which the volume would have to shrink, and say what to type", async () => {
    const failed = { generation: 2, failed_generation: 2, failure: "no room", reached: wanted(), wanted: wanted({ ram: "8Gi" }) };
    const run = reach().run(
      context({ operation: { kind: "resize", generation: 2 }, tenant: tenant("ann", failed), cluster: clusterWith("16Gi") }),
    );
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof StepFailure && error.back === undefined);
      assert.match(error.message, /^no room; its volume has grown, .*`npx stackyard tenants reconcile --drift`$/);
      return true;
    });
  });

  it("adopt a database where it is: in its shard, and on the volume that it has", async () => {
    const place = MACHINES.adopt[0]!;
    const volume = { persistentVolumeClaim: { claimName: "restored" } };
    const database = { spec: { template: { spec: { volumes: [volume] } } } };
    const claims = [
      { metadata: { name: "fluxiondb" } },
      { metadata: { name: "restored" }, spec: { dataSource: { kind: "VolumeSnapshot", name: "snapshot-7" } } },
    ];
    const run = (stack: string, user = "ann") => {
      const deployed = [{ user, id: "another", stack }];
      const look = async () => ({ deployed, of: () => ({ database, pods: [], claims }) });
      return place.run(context({ environment: "dev", cluster: { look } }));
    };
    const outcome = await run("dev-0012");
    assert.ok("wanted" in outcome && outcome.also !== undefined);
    assert.deepEqual(outcome.wanted, { claim: { name: "restored", snapshot: "snapshot-7" }, oldClaims: ["fluxiondb"] });
    assert.deepEqual(await run("dev-0012", "ben"), {}, "nothing runs of it");
    for (const stack of ["prod-0012", "dev-12", "dev"]) {
      await assert.rejects(run(stack), (error) => error instanceof StepFailure && error.message.includes(`is of stack ${stack}`));
    }
  });

  it("wait for the pod, or for its end where the tenant is suspended", async () => {
    const ready = settled("ready");
    assert.deepEqual(await ready.run(context({ seen: { phase: "ready" } })), {});
    assert.deepEqual(await ready.run(context({})), { waiting: "its pod is not ready" });
    const suspended = tenant("ann", { reached: wanted(), wanted: wanted({ suspended: true }) });
    assert.deepEqual(await ready.run(context({ tenant: suspended, seen: { phase: "stopped" } })), {});
    assert.ok("waiting" in (await ready.run(context({ tenant: suspended, seen: { phase: "ready" } }))));
  });

  it("delete a tenant that never came to be: nothing is waited for, and a namespace that is another's is left alone", async () => {
    const never = tenant("ann", { generation: 2, failed_generation: 2, failure: "the namespace is somebody else's" });
    const step = (name: string) => MACHINES.delete.find((one) => one.name === name) ?? assert.fail(name);
    for (const name of ["suspend", "stopped", "snapshot"]) {
      assert.deepEqual(await step(name).run(context({ tenant: never, operation: { generation: 2, backup_id: null, id: "o" } })), {}, name);
    }
    const asked: string[][] = [];
    const cluster = { removeNamespace: async (...args: string[]) => asked.push(args) > 0 };
    assert.ok("also" in (await step("remove").run(context({ tenant: never, cluster }))));
    assert.deepEqual(asked, [["ann", never.id]]);
  });

  it("fail once a database takes longer than the service allows, and say what was seen", async () => {
    const late = context({
      operation: { step_at: new Date(Date.now() - 901_000) },
      seen: { phase: "failing", reason: "ImagePullBackOff" },
    });
    await assert.rejects(settled("ready").run(late), /not within 900 s: ImagePullBackOff/);
  });
});
