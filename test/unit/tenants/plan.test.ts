import { strict as assert } from "node:assert";
import type { Held } from "../../../components/fluxiondb/held";
import { keysOf, planOfShard } from "../../../tenants/shard/plan";
import type { Tenant } from "../../../tenants/registry/rows";
import { service, tenant, wanted } from "./given";

const NOTHING: Held = { kept: {}, foreign: [], ending: false };

describe("what a shard is to be", () => {
  const plan = (tenants: Tenant[], held: Record<string, Partial<Held>> = {}, more: object = {}) =>
    planOfShard({
      service: service(),
      tenants,
      held: new Map(Object.entries(held).map(([namespace, has]) => [namespace, { ...NOTHING, ...has }])),
      owners: new Map(),
      keyOf: (id, version) => `key ${version} of ${id}`,
      ...more,
    });
  const users = ({ tenants }: ReturnType<typeof plan>) => tenants.map(({ user }) => user);
  const grown = (user: string, changes: Partial<Tenant> = {}) =>
    tenant(user, { reached: wanted(), reached_generation: 1, generation: 2, wanted: wanted({ ram: "1Gi" }), ...changes });

  it("has each tenant as it is wished, with its key and its claim", () => {
    const [ann] = plan([
      tenant("ann", { wanted: wanted({ ram: "4Gi", key: 2, claim: { name: "other", snapshot: "s" }, oldClaims: ["fluxiondb"] }) }),
    ]).tenants;
    assert.deepEqual(
      [ann?.options.ram, ann?.options.image.tag, ann?.apiKey, ann?.claim, ann?.claims],
      ["4Gi", "1.0.3", "key 2 of id-of-ann", { name: "other", snapshot: "s" }, 2],
    );
  });

  it("leaves a tenant that cannot have its wish as it was, and its neighbours none the worse", () => {
    const wishes = plan([grown("ann"), tenant("ben")], { "fluxiondb-ann": { ram: "2Gi", storage: "4Gi" } });
    assert.match(wishes.refused.get("id-of-ann") ?? "", /1Gi is less than the 2Gi that it has/);
    assert.deepEqual(
      wishes.tenants.map(({ user, options }) => [user, options.ram]),
      [
        ["ann", "2Gi"],
        ["ben", "2Gi"],
      ],
    );
    assert.deepEqual([...wishes.wishes.keys()], ["id-of-ben"]);
  });

  it("leaves out a new tenant whose place is somebody else's", () => {
    const { tenants, refused } = plan([tenant("ann"), tenant("ben")], { "fluxiondb-ann": { foreign: ["Namespace"] } });
    assert.deepEqual([tenants.map(({ user }) => user), [...refused.keys()]], [["ben"], ["id-of-ann"]]);
  });

  it("gives nobody the data of an earlier user of the same name, unless it is adopted or was made for this tenant", () => {
    const kept = { "fluxiondb-ann": { kept: { namespace: true, claim: true } } };
    const refused = plan([tenant("ann")], kept);
    assert.deepEqual([users(refused), [...refused.refused.keys()]], [[], ["id-of-ann"]]);
    assert.match(refused.refused.get("id-of-ann") ?? "", /adopt it/);

    const adopted = plan([tenant("ann", { wanted: wanted({ adopted: true }) })], kept);
    assert.deepEqual(adopted.tenants[0]?.kept, { namespace: true, claim: true });
    assert.deepEqual(users(plan([tenant("ann")], kept, { owners: new Map([["fluxiondb-ann", "id-of-ann"]]) })), ["ann"]);
    const another = { owners: new Map([["fluxiondb-ann", "another"]]) };
    assert.deepEqual(users(plan([tenant("ann")], kept, another)), []);
    assert.deepEqual(users(plan([tenant("ann")], { "fluxiondb-ann": { ram: "2Gi" } }, another)), [], "its database runs");
  });

  it("has no tenant that is withdrawn, and none that an up has shown to be bad", () => {
    const gone = tenant("ann", { reached: wanted(), wanted: wanted({ present: false }) });
    assert.deepEqual(users(plan([gone, tenant("ben")])), ["ben"]);
    const bad = plan(
      [tenant("ann"), grown("ben", { wanted: wanted({ ram: "8Gi" }) })],
      {},
      {
        bad: new Map([
          ["id-of-ann", "x"],
          ["id-of-ben", "y"],
        ]),
      },
    );
    assert.deepEqual(
      bad.tenants.map(({ user, options }) => [user, options.ram]),
      [["ben", "2Gi"]],
    );
  });

  it("says which key the registry lacks, and shows none", () => {
    const keyring = { unseal: (sealed: string, place: string) => `${sealed} for ${place}` } as never;
    const keyOf = keysOf(keyring, [{ tenant_id: "a", version: 1, sealed: "sealed" }]);
    assert.equal(keyOf("a", 1), "sealed for a/1");
    assert.throws(() => keyOf("a", 2), /no version 2 of the key/);
  });
});
