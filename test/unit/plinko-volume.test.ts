import { strict as assert } from "node:assert";
import type { PlinkoInput } from "../../components/plinko/options";
import { planOf } from "../../components/plinko/plan";
import { questionsOf, volumeRefusals } from "../../components/plinko/volume";
import { given, merged } from "./plinko-given";

const planned = (options: PlinkoInput) => planOf("plinko", merged(given, options));
const storageClass = (name: string, provisioner: string, modes?: string) => ({
  metadata: { name, ...(modes && { annotations: { "stackyard.dev/access-modes": modes } }) },
  provisioner,
});
const SHARED = { persistence: { accessMode: "ReadWriteMany" }, global: { storageClass: "asked" } } as const;

describe("volume of Plinko", () => {
  describe("that many nodes are to share", () => {
    const refused = (provisioner: string, modes?: string) => {
      const items = [storageClass("asked", provisioner, modes), storageClass("files", "vfs.csi.vultr.com")];
      return volumeRefusals(planned(SHARED), { classes: { items } });
    };

    for (const provisioner of ["block.csi.vultr.com", "ebs.csi.aws.com", "pd.csi.storage.gke.io", "rancher.io/local-path"]) {
      it(`is refused of a class of ${provisioner}, whatever its name`, () => {
        const [refusal] = refused(provisioner);
        assert.equal(refusal?.property, "persistence.accessMode");
        assert.ok(refusal.reason.includes(`class "asked", whose volumes attach to one node only (its provisioner is ${provisioner})`));
        assert.deepEqual(
          refusal.remedies.map(({ property, value }) => `${property} ${value}`),
          ["global.storageClass files", "persistence.accessMode ReadWriteOnce"],
        );
      });
    }

    it("is refused of a class whose owner says that it has it for one node", () => {
      assert.match(
        refused("example.com/any", "ReadWriteOnce")[0]?.reason ?? "",
        /annotation stackyard.dev\/access-modes says ReadWriteOnce/,
      );
    });

    it("is taken of a class whose owner says so, although its provisioner makes block storage", () => {
      assert.deepEqual(refused("ebs.csi.aws.com", "ReadWriteOnce,ReadWriteMany"), []);
    });

    it("is taken of a class that nobody knows, of one that is not there yet, and where classes may not be looked at", () => {
      assert.deepEqual(refused("example.com/any"), []);
      assert.deepEqual(volumeRefusals(planned(SHARED), { classes: { items: [] } }), []);
      assert.deepEqual(volumeRefusals(planned(SHARED), {}), []);
    });

    it("asks for classes only where it matters", () => {
      assert.equal(questionsOf(planned(SHARED)).classes, "/apis/storage.k8s.io/v1/storageclasses");
      assert.equal(questionsOf(planned({ global: { storageClass: "asked" } })).classes, undefined);
      assert.deepEqual(questionsOf(planned({ persistence: { accessMode: "ReadWriteMany", existingClaim: "mine" } })), {});
    });
  });

  describe("that is there already", () => {
    const plan = planned({ persistence: { size: "20Gi" }, namespace: { name: "pir" } });
    const holding = (storage: string) => volumeRefusals(plan, { claim: { spec: { resources: { requests: { storage } } } } });

    it("is asked for by the name of its claim", () => {
      assert.equal(questionsOf(plan).claim, "/api/v1/namespaces/pir/persistentvolumeclaims/plinko-data-rwo");
    });

    it("may stay as large or grow", () => {
      assert.deepEqual([...holding("20480Mi"), ...holding("10Gi")], []);
    });

    it("is not to shrink", () => {
      const [refusal] = holding("30Gi");
      assert.equal(refusal?.property, "persistence.size");
      assert.match(refusal.reason, /"20Gi" is less than claim plinko-data-rwo has \(30Gi\)/);
      assert.deepEqual(refusal.remedies, [{ property: "persistence.size", value: "30Gi" }]);
    });
  });
});
