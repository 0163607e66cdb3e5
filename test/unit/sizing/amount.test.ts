import { strict as assert } from "node:assert";
import { amount } from "../../../sizing/amount";
import { bytes, quantity } from "../../../sizing/quantity";

describe("amount", () => {
  for (const [given, value] of [
    ["250m", 0.25],
    [2, 2],
    ["10.25", 10.25],
    [".25", 0.25],
    ["12Gi", 12 * 2 ** 30],
    ["1k", 1000],
    ["1e3", 1000],
    ["12E-10", 12e-10],
    ["1e+2", 100],
    ["1E", 1e18],
    ["-3", -3],
    ["+3", 3],
    ["0", 0],
  ] as const) {
    it(`reads ${given}`, () => assert.equal(amount(given), value));
  }

  for (const given of ["", "Gi", "two", "a2", "2 ", "1ki", "1e", "x1Gi", "1Gix"]) {
    it(`refuses "${given}" and says what it takes`, () => assert.throws(() => amount(given), /is no amount: write a number with a unit/));
  }
});

describe("bytes", () => {
  for (const [given, value] of [
    ["1024", 1024],
    ["12M", 12e6],
    ["1.25Ki", 1280],
  ] as const) {
    it(`reads ${given}`, () => assert.equal(bytes(given), value));
  }

  it("are written as the shortest quantity", () => {
    assert.deepEqual([quantity(2 ** 31), quantity(1536 * 2 ** 20), quantity(1000)], ["2Gi", "1536Mi", "1000"]);
  });
});
