import { strict as assert } from "node:assert";
import type { automation } from "@pulumi/pulumi";
import { blameIn } from "../../../tenants/shard/blame";

const urn = (name: string, type = "StatefulSet") =>
  `urn:pulumi:dev-0001::stackyard-tenants::stackyard:fluxiondb:FluxionDb$kubernetes:apps/v1:${type}::${name}`;
const STACK = "urn:pulumi:dev-0001::stackyard-tenants::pulumi:pulumi:Stack::stackyard-tenants-dev-0001";
const owners = new Map([
  ["kubernetes:apps/v1:StatefulSet::fluxiondb-a-database", "a"],
  ["stackyard:fluxiondb:FluxionDb::fluxiondb-a-database", "a-database"],
  ["kubernetes:apps/v1:StatefulSet::fluxiondb-a-database-database", "a-database"],
]);
const error = (of: string | undefined, message: string) =>
  ({ sequence: 1, timestamp: 1, diagnosticEvent: { urn: of, message, color: "", severity: "error" } }) as automation.EngineEvent;
const violation = (of: string) =>
  ({ policyEvent: { resourceUrn: of, message: "broken", policyName: "one", enforcementLevel: "mandatory" } }) as automation.EngineEvent;

describe("whose fault it is that an up did not do all", () => {
  it("is the tenant's whose resource failed, also where one's name begins as the other's", () => {
    const { tenants, shard, ended } = blameIn(
      [
        error(urn("fluxiondb-a-database"), "\u001b[31mno\u001b[0m\n"),
        error(urn("fluxiondb-a-database-database"), "nor this"),
        error(STACK, "update failed"),
      ],
      owners,
    );
    assert.deepEqual(
      [...tenants],
      [
        ["a", "no"],
        ["a-database", "nor this"],
      ],
    );
    assert.deepEqual([shard, ended], [undefined, false]);
  });

  it("is the tenant's, also where the name of its part has a dash", () => {
    const policy = new Map([["kubernetes:networking.k8s.io/v1:NetworkPolicy::fluxiondb-a-network-policy", "a"]]);
    const of = urn("fluxiondb-a-network-policy").replace("apps/v1:StatefulSet", "networking.k8s.io/v1:NetworkPolicy");
    assert.deepEqual([...blameIn([error(of, "no")], policy).tenants.keys()], ["a"]);
  });

  it("is the tenant's whose resource breaks a policy, which ends the program for all", () => {
    const { tenants, ended } = blameIn([violation(urn("fluxiondb-a-database"))], owners);
    assert.deepEqual([[...tenants], ended], [[["a", "one: broken"]], true]);
  });

  it("is a tenant's that is in the program no more", () => {
    assert.deepEqual([...blameIn([error(urn("fluxiondb-gone-user-database"), "no")], owners).tenants.keys()], ["gone-user"]);
  });

  it("is nobody's where the engine itself fails", () => {
    const { tenants, shard } = blameIn([error(undefined, "the plugin has died"), error(STACK, "update failed")], owners);
    assert.deepEqual([tenants.size, shard], [0, "the plugin has died"]);
  });
});
