import { strict as assert } from "node:assert";
import { Cron } from "../../components/kubernetes/cron-options";

describe("a schedule", () => {
  for (const cron of ["0 3 * * *", "*/15 * * * *", "0 0,12 1-7 * mon-fri", "59 23 31 12 6", "0 4 ? JAN,jul SUN", "5-10/2 1-23/3 1 1 0"]) {
    it(`is taken: ${cron}`, () => assert.equal(Cron.safeParse(cron).success, true));
  }
  for (const cron of [
    "",
    "nightly",
    "@daily",
    "0 3 * *",
    "0 0 3 * * *",
    "60 3 * * *",
    "0 24 * * *",
    "0 3 0 * *",
    "0 3 32 * *",
    "0 3 * 13 *",
    "0 3 * * 7",
    "0 3 * * funday",
    "0 5-3 * * *",
    "0 3 * * *,",
    "*/0 3 * * *",
    "-1 3 * * *",
    "0  3 * * *",
    "0 1.5 * * *",
  ]) {
    it(`is refused, with what would be accepted: "${cron}"`, () => {
      const { error } = Cron.safeParse(cron);
      assert.ok(error?.issues[0]?.message.startsWith(`${JSON.stringify(cron)} is no schedule: write minute, hour`), String(error));
    });
  }
  it("is refused where it is no text", () => assert.match(Cron.safeParse(3).error?.issues[0]?.message ?? "", /^3 is no schedule/));
});
