import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { dbGeneratorOf, hintGeneratorOf } from "../../components/plinko/jobs";
import { plinkoClaimOf } from "../../components/plinko/objects";
import { PlinkoInput } from "../../components/plinko/options";
import { planOf } from "../../components/plinko/plan";
import { cdnOf, pirServerOf, updateServiceOf } from "../../components/plinko/workloads";
import { at, named, valueOf } from "./components/engine";
import { child, given, merged, planned, RWX } from "./plinko-given";

const SHARING = ["db-generator", "hint-generator", "update-service", "pir-server", "cdn-mock"];
const POD = "spec.template.spec";

/** What each resource waits for, by name: explicitly, or because it uses the other's outputs. */
async function dependencies(options: PlinkoInput = {}) {
  const found = new Map<string, pulumi.CustomResourceOptions>();
  const keep = (name: string) => (_: unknown, opts: pulumi.CustomResourceOptions) => void found.set(name, opts);
  await planned(options, {
    dbGenerator: keep("db-generator"),
    hintGenerator: keep("hint-generator"),
    updateService: keep("update-service"),
    pirServer: keep("pir-server"),
    cdn: keep("cdn-mock"),
    wallet: keep("rabby-wallet"),
    ingress: keep("ingress"),
  });
  const namesOf = async (opts: pulumi.CustomResourceOptions) => {
    const resources = [opts.dependsOn ?? []].flat() as pulumi.Resource[];
    return (await Promise.all(resources.map(({ urn }) => valueOf(urn)))).map((urn) => urn.split("::").at(-1)?.replace("plinko-", ""));
  };
  return { opts: found, of: async (name: string) => namesOf(found.get(name) ?? assert.fail(`${name} was not planned`)) };
}

describe("data of Plinko", function () {
  this.timeout(20_000); // on a machine that is busy

  describe("holds the order", () => {
    it("by what waits for what", async () => {
      const waits = await dependencies();
      assert.deepEqual(await waits.of("db-generator"), ["eth-mock"]);
      assert.deepEqual(await waits.of("hint-generator"), ["db-generator"]);
      for (const part of ["update-service", "pir-server", "cdn-mock"]) assert.deepEqual(await waits.of(part), ["hint-generator"], part);
      assert.deepEqual(await waits.of("rabby-wallet"), []);
      assert.deepEqual(await waits.of("ingress"), ["pir-server", "cdn-mock", "rabby-wallet"]);
    });

    it("by steps before the programs", async () => {
      const resources = await planned();
      const steps = (part: string) =>
        [`${POD}.initContainers`, `${POD}.containers`].map((path) =>
          ((at(named(resources, `plinko-${part}`), path) ?? []) as { name: string }[]).map(({ name }) => name).join(" "),
        );
      assert.deepEqual(steps("db-generator"), ["wait-for-eth-mock prepare db-generator", "publish"]);
      assert.deepEqual(steps("hint-generator"), ["wait-for-database prepare hint-generator", "publish"]);
      for (const part of ["update-service", "pir-server", "cdn-mock"]) assert.deepEqual(steps(part), ["wait-for-serving", part]);
      const wait = at(named(resources, "plinko-pir-server"), `${POD}.initContainers.0.command`) as string[];
      const serving = /serving-[0-9a-f]{10}/.exec(wait.join())?.[0];
      assert.deepEqual(wait.slice(3), ["wait", "serving", `/volume/${serving}`, "67108864", "201326592", "10"]);
    });

    it("for as long as the Jobs may take", async () => {
      const { opts } = await dependencies({ dbGenerator: { activeDeadlineSeconds: 7200 } });
      assert.deepEqual(opts.get("db-generator")?.customTimeouts, { create: "125m" });
      assert.equal(at(await child("eth-mock"), "spec.progressDeadlineSeconds"), 1860);
    });
  });

  describe("runs Jobs once for the same inputs", () => {
    const jobs = (options: PlinkoInput = {}) => {
      const wanted = planOf("plinko", merged(given, options));
      return [dbGeneratorOf(wanted, wanted.data.claim), hintGeneratorOf(wanted, wanted.data.claim)] as const;
    };
    const names = (options?: PlinkoInput) => jobs(options).map(({ metadata }) => metadata.name);

    it("whatever else changes: the Jobs are the same to the letter", async () => {
      const unrelated: PlinkoInput = {
        ...RWX,
        persistence: { size: "50Gi" },
        global: { domain: "example.com" },
        podAnnotations: { a: "b" },
        ethMock: { blockTime: 1, image: { tag: "v9" } },
        plinkoUpdateService: { image: { tag: "2" } },
        plinkoPirServer: { image: { tag: "2" }, autoscaling: { maxReplicas: 30 } },
        cdnMock: { cacheMaxAge: 1 },
        rabbyWallet: { image: { tag: "2" } },
      };
      delete unrelated.persistence?.accessMode;
      assert.deepEqual(jobs(unrelated), jobs());
    });

    it("and again, under another name, for others: a Job cannot change", async () => {
      const [database, hints] = names();
      for (const options of [
        { config: { dbSize: 1048576 } },
        { ethMock: { balance: 1 } },
        { ethMock: { accounts: 5 } },
        { dbGenerator: { image: { tag: "2" } } },
      ] as PlinkoInput[]) {
        const [otherDatabase, otherHints] = names(options);
        assert.notEqual(otherDatabase, database, JSON.stringify(options));
        assert.notEqual(otherHints, hints, JSON.stringify(options));
      }
      const [same, other] = names({ hintGenerator: { image: { tag: "2" } } });
      assert.equal(same, database);
      assert.notEqual(other, hints);
    });

    it("in folders of their own, so that who reads the old data is not harmed", async () => {
      const folders = (options: PlinkoInput = {}) => {
        const wanted = planOf("plinko", merged(given, options));
        const subPath = (container: unknown) => at(container, "volumeMounts.0.subPath") as string;
        return {
          writes: subPath(hintGeneratorOf(wanted, "claim").spec.template.spec.initContainers.at(-1)),
          reads: [updateServiceOf(wanted, "claim"), pirServerOf(wanted, "claim"), cdnOf(wanted, "claim", "config")].map(({ spec }) =>
            subPath(spec.template.spec.containers[0]),
          ),
        };
      };
      const old = folders();
      const other = folders({ hintGenerator: { image: { tag: "2" } } });
      assert.equal(new Set(old.reads).size, 1);
      assert.equal(old.writes, `${old.reads[0]}.part`);
      assert.notEqual(other.reads[0], old.reads[0]);
      assert.ok(!old.reads.includes(other.writes));
    });

    it("for good: no TTL takes them away, a failed try begins anew, and a failed Job is made anew", async () => {
      for (const job of jobs()) {
        assert.equal(at(job, "spec.ttlSecondsAfterFinished"), undefined);
        assert.equal(at(job, `${POD}.restartPolicy`), "Never");
        assert.equal(at(job, "spec.podReplacementPolicy"), "Failed");
        assert.deepEqual(at(job, "metadata.annotations"), { "pulumi.com/replaceUnready": "true" });
      }
    });
  });

  describe("shares its volume", () => {
    const affinity = async (options: PlinkoInput) => {
      const resources = await planned(options);
      return (part: string) => at(named(resources, `plinko-${part}`), `${POD}.affinity`);
    };

    it("on one node, where only one node can have it", async () => {
      const resources = await planned();
      assert.deepEqual(at(named(resources, "plinko-claim"), "spec.accessModes"), ["ReadWriteOnce"]);
      for (const part of SHARING) {
        const workload = named(resources, `plinko-${part}`);
        const [term] = at(workload, `${POD}.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution`) as object[];
        assert.equal(at(term, "topologyKey"), "kubernetes.io/hostname");
        // each finds all of the others by it, and the first of them itself: or it would wait for ever
        const wanted = at(term, "labelSelector.matchLabels") as Record<string, string>;
        const labels = at(workload, "spec.template.metadata.labels") as Record<string, string>;
        assert.deepEqual(
          Object.keys(wanted).map((key) => labels[key]),
          Object.values(wanted),
          part,
        );
      }
      for (const part of ["eth-mock", "rabby-wallet"]) {
        assert.equal(at(named(resources, `plinko-${part}`), `${POD}.affinity.podAffinity`), undefined);
        assert.equal(
          (at(named(resources, `plinko-${part}`), "spec.template.metadata.labels") as object)["stackyard.dev/shares-volume" as never],
          undefined,
        );
      }
    });

    it("from any node, where the class can", async () => {
      const resources = await planned(RWX);
      assert.deepEqual(at(named(resources, "plinko-claim"), "spec.accessModes"), ["ReadWriteMany"]);
      const of = await affinity(RWX);
      for (const part of SHARING) {
        assert.equal(at(of(part), "podAffinity"), undefined);
        assert.ok(at(of(part), "podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0"), part);
      }
    });

    it("in a claim of another name for another choice, which pods move over to", async () => {
      const name = (options: PlinkoInput = {}) => plinkoClaimOf(planOf("plinko", merged(given, options)))?.metadata.name;
      assert.equal(name(), "plinko-data-rwo");
      assert.equal(name({ global: { storageClass: "vultr-block-storage" } }), "plinko-data-rwo-vultr-block-storage");
      assert.equal(name(RWX), "plinko-data-rwx-vultr-vfs-storage");
      assert.equal(name({ persistence: { size: "50Gi" } }), "plinko-data-rwo");
      const resources = await planned(RWX);
      for (const part of SHARING) {
        const volumes = at(named(resources, `plinko-${part}`), `${POD}.volumes`) as object[];
        assert.equal(at(volumes[0], "persistentVolumeClaim.claimName"), "plinko-data-rwx-vultr-vfs-storage");
      }
    });

    it("read-only with who only reads", async () => {
      const resources = await planned();
      const mounts = (part: string) =>
        at(named(resources, `plinko-${part}`), `${POD}.containers.0.volumeMounts`) as { mountPath: string; readOnly?: boolean }[];
      for (const part of ["pir-server", "cdn-mock", "update-service"]) assert.equal(mounts(part)[0]?.readOnly, true, part);
      assert.deepEqual(
        mounts("update-service")
          .filter(({ readOnly }) => !readOnly)
          .map(({ mountPath }) => mountPath),
        ["/data/deltas"],
      );
    });

    it("with a budget only where a drain can move the pods one by one", async () => {
      const budgets = async (options: PlinkoInput) =>
        (await planned(options)).map(({ name }) => name).filter((name) => name.endsWith("-budget"));
      assert.deepEqual(await budgets({}), ["plinko-rabby-wallet-budget"]);
      assert.equal((await budgets(RWX)).length, 3);
    });

    it("and leaves it behind only where told to", async () => {
      const kept = async (retain: boolean) => {
        const found: unknown[] = [];
        const keep = (_: unknown, opts: pulumi.CustomResourceOptions) => void found.push(opts.retainOnDelete);
        await planned({ persistence: { retain } }, { namespace: keep, claim: keep });
        return found;
      };
      assert.deepEqual(
        [await kept(false), await kept(true)],
        [
          [false, false],
          [true, true],
        ],
      );
    });
  });
});
