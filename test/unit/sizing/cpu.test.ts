import { strict as assert } from "node:assert";
import { millicores } from "../../../sizing/cpu";

describe("millicores", () => {
  for (const [quantity, value] of [
    ["250m", 250],
    ["2", 2000],
    ["0.5", 500],
    ["1.125", 1125],
  ] as const) {
    it(`reads ${quantity}`, () => assert.equal(millicores(quantity), value));
  }

  for (const quantity of ["", "0", "0m", "-1", "1.5m", "0.0001", "two", "2 "]) {
    it(`refuses "${quantity}" and says what it takes`, () => assert.throws(() => millicores(quantity), /such as 2, 0.5 or 250m/));
  }
});
