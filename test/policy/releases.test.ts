import { strict as assert } from "node:assert";
import { CHARTS } from "../../components/platform/versions";
import { DotdoChart } from "../../components/dotdo/chart";
import { FluxionDbChart } from "../../components/fluxiondb/chart";
import { PlinkoChart } from "../../components/plinko/chart";
import { StarterChart } from "../../components/starter/chart";
import { RULES } from "../../policy/rules";
import { CHARTS as ALLOWED } from "../../policy/rules/releases";
import { sourceOf } from "../../policy/release";
import { placeOf } from "../../components/platform/release";
import { dotdo, fluxiondb, plinko, starter, starterExternal } from "../unit/chart-given";
import { plan } from "../unit/components/engine";
import { foundOf, judged, type Fixture } from "./case";

describe("releases", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  it("of the platform are all that is allowed, and are allowed", () => {
    const installed = Object.keys(CHARTS).map((name) => sourceOf(placeOf(name as keyof typeof CHARTS)));
    assert.deepEqual([...ALLOWED].sort(), installed.sort());
  });

  // the chart of the starter writes replicas beside its autoscaler, which is advice
  const autoscaling = { enabled: false };
  const systems: readonly [component: string, make: () => unknown][] = [
    ["dotdo:DotdoChart", () => new DotdoChart("dotdo", dotdo)],
    ["fluxiondb:FluxionDbChart", () => new FluxionDbChart("fluxiondb-alice", fluxiondb)],
    ["plinko:PlinkoChart", () => new PlinkoChart("plinko", plinko)],
    ["starter:StarterChart", () => new StarterChart("starter", { ...starter, autoscaling })],
    ["starter:StarterChart", () => new StarterChart("starter", { ...starterExternal, autoscaling })],
  ];
  for (const [component, make] of systems) {
    it(`${component} holds every rule of its values, and of what is beside it`, async () => {
      const planned = await plan(make);
      const stack = planned
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ type, name, values }): Fixture => ({ type, name, parents: [`stackyard:${component}`], props: values as Fixture["props"] }));
      assert.ok(stack.some(({ type }) => type === "kubernetes:helm.sh/v3:Release"));
      const families = ["releases", "wiring"];
      for (const rule of RULES) if (families.includes(rule.family)) assert.deepEqual(foundOf(judged(rule, stack)), [], rule.id);
    });
  }
});
