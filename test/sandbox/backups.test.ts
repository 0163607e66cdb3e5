import type { V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { serveCharts, type Charts } from "../../sandbox/charts";
import { blocksOf, blockWith, type } from "../support/runbook";
import { stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";
import { objectOf, playRestore, type KubernetesObject } from "../support/velero";

const NAME = `backups-${process.pid}`;
const BACKUP = "fluxiondb-alice-20261121030000";

interface Schedule {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly schedule: string; readonly useOwnerReferencesInBackup: boolean; readonly template: Record<string, unknown> };
}

const section = {
  image: { tag: "1.0.3" },
  backup: { keepDays: 14 },
  tenants: {
    alice: { ram: "512Mi", generateKey: true, backup: { schedule: "0 */6 * * *" } },
    bob: { ram: "512Mi", generateKey: true, backup: { volumes: "snapshots", keepDays: 90 } },
    carol: { ram: "512Mi", generateKey: true, backup: false },
  },
};
const platform = {
  snapshotController: { existing: true },
  velero: { s3: { bucket: "backups", endpoint: "http://minio.example.com:9000" }, snapshots: true },
};

describe("backups on the sandbox, where Velero itself copies nothing", function () {
  this.timeout("15m"); // the first run builds the programs
  let stack: TrialStack;
  let charts: Charts;

  const write = (fluxiondb: object, rest: object = platform) =>
    stack.write((config) => {
      config["stackyard:fluxiondb"] = { ...fluxiondb };
      config["stackyard:platform"] = { chartRepository: charts.url, ...rest };
    });
  const up = async (fluxiondb: object, rest?: object): Promise<string> => {
    write(fluxiondb, rest);
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
    return all;
  };
  const schedules = () => stack.objects<Schedule>("schedules.velero.io", "--namespace=velero");
  const claimOf = async (user: string) => (await stack.objects<V1PersistentVolumeClaim>("pvc", `--namespace=fluxiondb-${user}`))[0];
  const podOf = async (user: string) => (await stack.objects<V1Pod>("pod", `--namespace=fluxiondb-${user}`))[0];

  before(async () => {
    const config = { "stackyard:layers": ["platform", "fluxiondb"], "stackyard:platform": platform, "stackyard:fluxiondb": section };
    writeFileSync(`Pulumi.${NAME}.yaml`, stringify({ config }));
    stack = await TrialStack.on(NAME, NAME, { policies: false });
    charts = await serveCharts(join(process.cwd(), ".sandbox", NAME));
  });
  after(async () => {
    await charts?.close();
    stack?.close();
    rmSync(`Pulumi.${NAME}.yaml`, { force: true });
    await stackyard(["sandbox", "reset", "--sandbox", NAME]);
  });

  it("are scheduled as each tenant has them, of its own namespace alone, after Velero", async () => {
    const said = await up(section);
    const order = [/platform-velero created/, /fluxiondb-alice-backup creating/].map((line) => said.search(line));
    assert.ok(order.every((place) => place >= 0) && (order[0] ?? 0) < (order[1] ?? 0), `a Schedule did not wait for Velero:\n${said}`);
    const [alice, bob, ...others] = (await schedules()).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
    assert.deepEqual(others, []);
    assert.equal(alice?.metadata.name, "fluxiondb-alice");
    assert.equal(alice?.spec.schedule, "0 */6 * * *");
    assert.equal(alice?.spec.useOwnerReferencesInBackup, false);
    const { metadata, ...template } = alice?.spec.template ?? {};
    assert.ok(metadata, "the backups have no labels");
    assert.deepEqual(template, {
      includedNamespaces: ["fluxiondb-alice"],
      ttl: "336h0m0s",
      defaultVolumesToFsBackup: true,
      snapshotVolumes: false,
    });
    assert.equal(bob?.spec.schedule, "0 3 * * *");
    const { includedNamespaces, ttl, defaultVolumesToFsBackup, snapshotVolumes } = bob?.spec.template ?? {};
    assert.deepEqual([includedNamespaces, ttl, defaultVolumesToFsBackup, snapshotVolumes], [["fluxiondb-bob"], "2160h0m0s", false, true]);
    const { exitCode, all } = await stack.pulumi("preview", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
  });

  it("are made at once, and looked for, by what the runbook says", async () => {
    const [list = "", now = ""] = blocksOf("fluxiondb", "Backups");
    const env = { ...stack.env, user: "alice" };
    assert.match(await type(list, env), /fluxiondb-alice +.*0 \*\/6 \* \* \*/);
    assert.match(await type(now, env), /backup\.velero\.io\/fluxiondb-alice-now-\w+ created/);
    for (const block of blocksOf("fluxiondb", "Symptoms")) await type(block, env);
  });

  /** What a tenant has that a backup of it has. */
  const heldBy = async (user: string) => {
    const of = <T extends KubernetesObject>(object: string) => objectOf<T>(stack, `fluxiondb-${user}`, object);
    return {
      namespace: await of(`namespace/fluxiondb-${user}`),
      claim: await of<V1PersistentVolumeClaim>("pvc/fluxiondb"),
      pod: await of<V1Pod>("pod/fluxiondb-0"),
    };
  };

  it("become a tenant of their own by the runbook, on the claim that was restored", async () => {
    const [, restore = "", ...rest] = blocksOf("fluxiondb", "Restore beside what there is");
    const env = { ...stack.env, user: "alice", new: "alice-restored", backup: BACKUP };
    await type(restore, env);
    const { namespace, claim: original, pod: running } = await heldBy("alice");
    await playRestore(stack, "fluxiondb-alice-restored", [namespace, original, running], "fluxiondb-alice-restored");
    const restored = await claimOf("alice-restored");

    const said = await type(rest.join("\n"), env);
    assert.match(said, /2 imported/);
    assert.match(said, /fluxiondb-alice-restored-backup created/);
    const [claim, pod] = [await claimOf("alice-restored"), await podOf("alice-restored")];
    assert.equal(claim?.metadata?.uid, restored?.metadata?.uid);
    assert.equal(pod?.status?.phase, "Running");
    assert.ok(pod?.spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === "fluxiondb"));
    assert.equal((await podOf("alice"))?.status?.phase, "Running");
  });

  it("come back in the tenant's own place by the runbook, on a new claim, and leave the old volume", async () => {
    const blocks = blocksOf("fluxiondb", "Restore in place");
    const variables = blockWith(blocks, "backup=");
    const typed = (block: string) => type(`${variables}\n${block}`, stack.env);
    const before = await heldBy("alice");
    const { bob, carol } = section.tenants;
    await typed(blockWith(blocks, "--secret"));
    await up({ ...section, tenants: { bob, carol } });
    await typed(blockWith(blocks, "delete pvc"));
    const [restore = "", after = ""] = blockWith(blocks, "kind: Restore").split(/(?<=\nEOF\n)/);
    await typed(restore);
    await playRestore(stack, "fluxiondb-alice", [before.claim, before.pod], "fluxiondb-alice");
    await typed(after);
    const restored = await claimOf("alice");
    assert.notEqual(restored?.metadata?.uid, before.claim.metadata?.uid);

    assert.match(await up(section), /2 imported/);
    assert.equal((await claimOf("alice"))?.metadata?.uid, restored?.metadata?.uid);
    assert.equal((await podOf("alice"))?.status?.phase, "Running");
    const volume = await stack.kubectl(
      "get",
      "pv",
      before.claim.spec?.volumeName ?? "",
      "--output=jsonpath={.spec.persistentVolumeReclaimPolicy}",
    );
    assert.equal(volume, "Retain");
  });

  it("are kept when Velero is taken out, with the namespace that they are in", async () => {
    const { image, tenants } = section;
    const alice = { ...tenants.alice, backup: false };
    await up({ image, tenants: { alice } }, { snapshotController: { existing: true } });
    const backups = await stack.objects<Schedule>("backups.velero.io", "--namespace=velero");
    assert.equal(backups.length, 1);
    assert.deepEqual(await schedules(), []);
    assert.deepEqual(await stack.objects("deployments", "--namespace=velero"), []);
  });

  it("are refused where the stack's own platform has no Velero for them, before any change", async () => {
    write(section, { snapshotController: { existing: true } });
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(exitCode, 0);
    assert.match(all, /stackyard:fluxiondb\.backup\.namespace\s+the platform has no namespace of Velero "velero"; it has none/);
    assert.match(all, /stackyard:fluxiondb\.tenants\.bob\.backup\.volumes\s+the platform has no Velero that takes snapshots/);
  });
});
