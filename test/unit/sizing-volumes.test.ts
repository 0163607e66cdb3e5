import { strict as assert } from "node:assert";
import { FluxionDbOptions } from "../../components/fluxiondb/options";
import { PlatformOptions } from "../../components/platform/options";
import { smallestVolume } from "../../sizing/volumes";

const messages = (schema: typeof FluxionDbOptions | typeof PlatformOptions, options: object) =>
  (schema.safeParse(options).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("the smallest volume of a class", () => {
  it("is said of a volume that is smaller, whatever becomes of it when its claim goes", () => {
    assert.equal(smallestVolume("vultr-block-storage", "9Gi"), "10Gi");
    assert.equal(smallestVolume("vultr-block-storage-hdd-retain", "39Gi"), "40Gi");
    assert.equal(smallestVolume("vultr-block-storage-retain", "10Gi"), undefined);
  });

  it("is not known of other classes, or of the cluster's default", () => {
    for (const storageClass of ["gp3", "vultr-vfs-storage", undefined]) assert.equal(smallestVolume(storageClass, "1Mi"), undefined);
  });

  it("refuses a tenant whose twice the RAM is less, with both ways to do", () => {
    const tenant = (ram: string, size?: string) =>
      messages(FluxionDbOptions, { user: "alice", ram, image: { tag: "1" }, persistence: { storageClass: "vultr-block-storage", size } });
    assert.deepEqual(tenant("2Gi"), [
      'persistence.size: 4Gi, twice the RAM, is less than the smallest volume of class "vultr-block-storage": set persistence.size to 10Gi or more, or give the tenant so much RAM that twice of it is',
    ]);
    assert.deepEqual([tenant("5Gi"), tenant("2Gi", "10Gi")], [[], []]);
  });

  it("refuses a volume of the platform that is smaller", () => {
    const loki = { storage: { size: "20Gi", storageClass: "vultr-block-storage-hdd" } };
    assert.deepEqual(messages(PlatformOptions, { loki }), [
      'loki.storage.size: 20Gi is less than the smallest volume of class "vultr-block-storage-hdd": set it to 40Gi or more',
    ]);
  });
});
