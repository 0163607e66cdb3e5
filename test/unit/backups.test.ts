import { strict as assert } from "node:assert";
import { FluxionDb } from "../../components/fluxiondb";
import { FluxionDbChart } from "../../components/fluxiondb/chart";
import { Plinko } from "../../components/plinko";
import { PlinkoChart } from "../../components/plinko/chart";
import { fluxiondb, plinko, plinkoOptions } from "./chart-given";
import { at, named, plan } from "./components/engine";

const tenant = { user: "alice", ram: "1Gi", apiKey: "key-91b2", image: { tag: "1.4.0" } };
const backup = { schedule: "15 2 * * *", keepDays: 10 };

/** Every system that has backups, object by object and by its chart. */
const MADE: Readonly<Record<string, { readonly namespace: string; readonly make: (backup?: object) => unknown; readonly part: string }>> = {
  FluxionDb: { namespace: "fluxiondb-alice", part: "alice-backup", make: (own) => new FluxionDb("alice", { ...tenant, backup: own }) },
  FluxionDbChart: {
    namespace: "fluxiondb-alice",
    part: "alice-backup",
    make: (own) => new FluxionDbChart("alice", { ...fluxiondb, backup: own }),
  },
  Plinko: { namespace: "plinko", part: "plinko-backup", make: (own) => new Plinko("plinko", { ...plinkoOptions, backup: own }) },
  PlinkoChart: { namespace: "plinko", part: "plinko-backup", make: (own) => new PlinkoChart("plinko", { ...plinko, backup: own }) },
};

describe("backups", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  for (const [system, { namespace, part, make }] of Object.entries(MADE)) {
    it(`of ${system}: none, unless it is asked for`, async () => {
      const resources = await plan(() => make());
      assert.deepEqual(
        resources.filter(({ type }) => type.includes("velero")),
        [],
      );
    });

    it(`of ${system}: a Schedule in Velero's namespace, of its own namespace alone`, async () => {
      const schedule = named(await plan(() => make({ ...backup, namespace: "backups" })), part);
      assert.deepEqual([at(schedule, "apiVersion"), at(schedule, "kind")], ["velero.io/v1", "Schedule"]);
      assert.deepEqual([at(schedule, "metadata.name"), at(schedule, "metadata.namespace")], [namespace, "backups"]);
      assert.equal(at(schedule, "spec.schedule"), "15 2 * * *");
      assert.deepEqual(at(schedule, "spec.template.includedNamespaces"), [namespace]);
      assert.equal(at(schedule, "spec.template.ttl"), "240h0m0s");
    });
  }
});
