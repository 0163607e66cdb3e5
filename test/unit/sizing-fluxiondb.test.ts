import { strict as assert } from "node:assert";
import fc from "fast-check";
import { millicores } from "../../sizing/cpu";
import { resizeRefusals, sizeOf } from "../../sizing/fluxiondb";
import { bytes, quantity } from "../../sizing/quantity";

const GiB = 2 ** 30;
/** Sizes from 1Mi to 1Ti, in whole Mi. */
const rams = fc.integer({ min: 1, max: 2 ** 20 }).map((mebibytes) => `${mebibytes}Mi`);
const gibs = fc.integer({ min: 1, max: 1024 });
const cpuOf = (ram: string) => ({ request: millicores(sizeOf(ram).cpu.request), limit: millicores(sizeOf(ram).cpu.limit) });
describe("size of a FluxionDB", () => {
  for (const [ram, request, limit] of [
    ["512Mi", "250m", "1000m"],
    ["1Gi", "500m", "1000m"],
    ["8Gi", "2000m", "4000m"],
  ] as const) {
    it(`has the CPU that the seed's examples give ${ram}`, () => assert.deepEqual(sizeOf(ram).cpu, { request, limit }));
  }

  it("has twice its RAM of storage, and its RAM of memory, to the byte", () => {
    fc.assert(
      fc.property(rams, (ram) => {
        assert.equal(bytes(sizeOf(ram).storage), 2 * bytes(ram));
        assert.equal(bytes(sizeOf(ram).memory), bytes(ram));
      }),
    );
  });

  it("is the same however its RAM is written", () => {
    fc.assert(fc.property(gibs, (gib) => assert.deepEqual(sizeOf(`${gib * 1024}Mi`), sizeOf(`${gib}Gi`))));
    assert.equal(sizeOf("1024Mi").memory, "1Gi");
    assert.equal(sizeOf("1.5Gi").storage, "3Gi");
  });

  it("follows the CPU curve: 500m a GiB from 250m to 2000m, and 250m a GiB beyond 8Gi", () => {
    fc.assert(
      fc.property(rams, (ram) => {
        const gib = bytes(ram) / GiB;
        const expected = gib > 8 ? 250 * gib : gib > 4 ? 2000 : Math.max(250, 500 * gib);
        assert.equal(cpuOf(ram).request, Math.ceil(expected));
      }),
    );
  });

  it("may use twice the CPU that it is sure of, and at least one core", () => {
    fc.assert(fc.property(rams, (ram) => assert.equal(cpuOf(ram).limit, Math.max(1000, 2 * cpuOf(ram).request))));
  });

  it("never gets less CPU for more RAM", () => {
    fc.assert(
      fc.property(rams, rams, (one, other) => {
        const [small, large] = bytes(one) <= bytes(other) ? [one, other] : [other, one];
        assert.ok(cpuOf(small).request <= cpuOf(large).request);
      }),
    );
  });

  it("is refused for what is no quantity, with the value and what is accepted", () => {
    for (const ram of ["", "lots", "-1Gi", "0", "1.3", "1GiB", "1e3Mi"]) {
      assert.throws(
        () => sizeOf(ram),
        (error: unknown) => error instanceof RangeError && error.message.startsWith(`"${ram}" is no size`),
        ram,
      );
    }
  });
});

describe("resize of a FluxionDB", () => {
  const extentOf = (ram: string) => ({ ram, storage: sizeOf(ram).storage });
  const properties = (...sizes: Parameters<typeof resizeRefusals>) => resizeRefusals(...sizes).map(({ property }) => property);

  it("goes up and stays, and never down", () => {
    fc.assert(
      fc.property(rams, rams, (now, wanted) => {
        const down = bytes(wanted) < bytes(now);
        assert.deepEqual(properties(extentOf(now), extentOf(wanted)), down ? ["ram"] : []);
      }),
    );
  });

  it("refuses a volume that is smaller than it is, whatever the RAM", () => {
    fc.assert(
      fc.property(rams, rams, gibs, (now, wanted, extra) => {
        const has = { ram: now, storage: quantity(bytes(sizeOf(now).storage) + extra * GiB) };
        const smaller = properties(has, extentOf(wanted)).includes("storage");
        // with its RAM put back, would its volume still be smaller?
        const backTo = bytes(wanted) < bytes(now) ? now : wanted;
        assert.equal(smaller, bytes(sizeOf(backTo).storage) < bytes(has.storage));
      }),
    );
  });

  it("says what it has, why not, and what to do", () => {
    const [ram] = resizeRefusals(extentOf("8Gi"), extentOf("1Gi"));
    assert.match(
      ram?.reason ?? "",
      /^1Gi is less than the 8Gi that it has: .*in memory.*Set it to 8Gi or more; .*add a tenant.*copy the data/,
    );
    const [storage] = resizeRefusals({ storage: "20Gi" }, { storage: "2Gi" });
    assert.match(storage?.reason ?? "", /^2Gi is less than the 20Gi that it has: .*never shrinks.*Set it to 20Gi or more/);
  });

  it("compares only what is known", () => {
    assert.deepEqual(resizeRefusals({}, { ram: "1Gi", storage: "2Gi" }), []);
    assert.deepEqual(properties({ ram: "2Gi" }, { ram: "1Gi" }), ["ram"]);
    assert.deepEqual(properties({ storage: "4Gi" }, { ram: "1Gi" }), []);
  });
});
