import { strict as assert } from "node:assert";
import { databaseOf } from "../../components/fluxiondb/database";
import { HELD_PATHS, heldBy, heldRefusals, keptOf } from "../../components/fluxiondb/held";
import { tenantClaimOf, tenantNamespaceOf } from "../../components/fluxiondb/objects";
import { FluxionDbInput, FluxionDbOptions } from "../../components/fluxiondb/options";
import { planOf } from "../../components/fluxiondb/plan";
import { at } from "./components/engine";

type Wish = Partial<FluxionDbInput>;
const alice = (wish: Wish = {}) => ({ user: "alice", ram: "8Gi", image: { tag: "1" }, ...wish });
const objectsOf = (wish: Wish = {}) => {
  const plan = planOf("alice", { ...alice(wish), apiKey: "ak-1" });
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return { namespaces: copy(tenantNamespaceOf(plan)), claims: copy(tenantClaimOf(plan)), databases: copy(databaseOf(plan, "made")) };
};
type Kind = keyof typeof HELD_PATHS;
type Objects = ReturnType<typeof objectsOf>;

/** What the cluster answers where the tenant was deployed with a wish, and some of it is still there, changed by somebody. */
const cluster = (
  wish: Wish = {},
  left: readonly Kind[] = ["namespaces", "claims", "databases"],
  change: (objects: Objects) => void = () => {},
) => {
  const objects = objectsOf(wish);
  change(objects);
  const answer = (kind: Kind) => ({ items: left.includes(kind) ? [objects[kind]] : [] });
  return heldBy({ namespaces: answer("namespaces"), claims: answer("claims"), databases: answer("databases") });
};
const KEPT: readonly Kind[] = ["namespaces", "claims"];
const refusals = (wish: Wish, held: ReturnType<typeof cluster>) => heldRefusals([FluxionDbOptions.parse(alice(wish))], held);
const refused = (wish: Wish, held: ReturnType<typeof cluster>) =>
  refusals(wish, held).map(({ user, property, reason }) => `${[user, property].filter(Boolean).join(".")}: ${reason}`);
const metadataOf = (object: unknown) => at(object, "metadata") as { labels: Record<string, string>; deletionTimestamp?: string };

describe("what FluxionDB tenants have", () => {
  it("is asked for by the names that they have", () => {
    for (const kind of ["claims", "databases"] as const) {
      const selector = new URL(HELD_PATHS[kind], "https://cluster.invalid").searchParams.get("fieldSelector");
      assert.equal(selector, `metadata.name=${String(at(objectsOf()[kind], "metadata.name"))}`);
    }
  });

  it("is told by the labels that all of it carries: what lacks one is somebody else's, and never taken over", () => {
    const kinds = { namespaces: "Namespace fluxiondb-alice", claims: "PersistentVolumeClaim fluxiondb-alice/fluxiondb" };
    for (const [kind, name] of Object.entries(kinds) as [keyof typeof kinds, string][]) {
      for (const label of ["app.kubernetes.io/part-of", "app.kubernetes.io/name"]) {
        const held = cluster({}, KEPT, (objects) => Reflect.deleteProperty(metadataOf(objects[kind]).labels, label));
        assert.equal(keptOf("alice", held)[kind === "claims" ? "claim" : "namespace"], undefined);
        const [refusal, ...others] = refusals({}, held);
        assert.deepEqual(others, []);
        assert.match(
          refusal?.reason ?? "",
          new RegExp(`^the cluster has ${name} already, without the labels app\\.kubernetes\\.io/part-of=stackyard`),
        );
        assert.match(
          refusal?.commands.join() ?? "",
          /kubectl label .*app\.kubernetes\.io\/name=fluxiondb {3}# only if it is this tenant's/,
        );
      }
    }
  });

  it("may be somebody else's where it is not in the tenant's way", () => {
    const strange = (kind: Kind) => cluster({}, [kind], (objects) => (metadataOf(objects[kind]).labels = {}));
    assert.deepEqual(refused({ namespace: { create: false } }, strange("namespaces")), []);
    assert.deepEqual(refused({ persistence: { existingClaim: "fluxiondb" } }, strange("claims")), []);
    assert.match(refused({}, strange("databases")).join(), /^alice: the cluster has StatefulSet fluxiondb-alice\/fluxiondb already/);
    const [{ commands } = assert.fail()] = refusals({}, strange("databases"));
    assert.ok(
      commands.every((command) => !command.includes("kubectl label")),
      "a running database would be taken for one that was kept",
    );
  });

  it("is not there yet while its namespace is being deleted", () => {
    const ending = cluster({}, KEPT, ({ namespaces }) => (metadataOf(namespaces).deletionTimestamp = "2026-11-21T00:00:00Z"));
    const [refusal, ...others] = refusals({}, ending);
    assert.deepEqual(others, []);
    assert.match(refusal?.reason ?? "", /^namespace fluxiondb-alice is being deleted, .*wait until it is gone/);
    assert.match(refusal?.commands.join() ?? "", /^kubectl wait --for=delete namespace\/fluxiondb-alice /);
  });

  it("can grow and stay", () => {
    for (const ram of ["8Gi", "8192Mi", "16Gi"]) assert.deepEqual(refused({ ram }, cluster()), []);
    assert.deepEqual(refused({}, heldBy({ namespaces: { items: [] }, claims: { items: [] }, databases: { items: [] } })), []);
  });

  it("cannot shrink, and each reason says why and what to do", () => {
    const [ram, ...rest] = refused({ ram: "1Gi" }, cluster());
    assert.match(ram ?? "", /^alice\.ram: 1Gi is less than the 8Gi that it has: .* Set it to 8Gi or more; .*copy the data/);
    assert.deepEqual(rest, []);
    assert.deepEqual(
      refusals({ ram: "1Gi" }, cluster()).map(({ accepted }) => accepted),
      ["8Gi"],
    );
    const [size, ...others] = refused({}, cluster({ persistence: { size: "100Gi" } }));
    assert.match(size ?? "", /^alice\.persistence\.size: 16Gi is less than the 100Gi that it has/);
    assert.deepEqual(others, []);
  });

  it("cannot shrink after a destroy either: the claim that was kept tells its RAM", () => {
    assert.equal(refused({ ram: "1Gi", persistence: { size: "16Gi" } }, cluster({}, KEPT)).length, 1);
  });

  it("cannot shrink on a claim of the tenant's own: the database tells its RAM", () => {
    const persistence = { existingClaim: "old-data" };
    assert.equal(refused({ ram: "1Gi", persistence }, cluster({ persistence }, ["namespaces", "databases"])).length, 1);
  });

  it("is as much as was asked for last, though the pod has not got it yet", () => {
    const [grown, before] = [objectsOf({ ram: "16Gi" }), objectsOf()];
    const held = heldBy({ namespaces: { items: [] }, claims: { items: [grown.claims] }, databases: { items: [before.databases] } });
    assert.match(refused({ ram: "8Gi" }, held).join(), /^alice\.ram: 8Gi is less than the 16Gi/);
  });

  it("stays in its storage class", () => {
    const inClass = (storageClass?: string) => ({ persistence: { storageClass } });
    assert.match(
      refused(inClass("fast"), cluster(inClass("slow"))).join(),
      /^alice\.persistence\.storageClass: fast is not slow, the class that its volume has.* Set it to slow; .*copy the data/,
    );
    assert.deepEqual(refused(inClass("slow"), cluster(inClass("slow"))), []);
    assert.deepEqual(refused(inClass(), cluster(inClass("slow"))), []);
  });

  it("is told apart by tenant, and all that is wrong comes at once", () => {
    const held = cluster();
    const wanted = [alice({ ram: "1Gi" }), alice({ user: "bob", ram: "1Gi" })].map((tenant) => FluxionDbOptions.parse(tenant));
    assert.deepEqual(
      heldRefusals(wanted, held).map(({ user }) => user),
      ["alice"],
    );
    const both = new Map([...held, ["fluxiondb-bob", held.get("fluxiondb-alice") ?? assert.fail()]]);
    assert.deepEqual(
      heldRefusals(wanted, both).map(({ user }) => user),
      ["alice", "bob"],
    );
  });

  it("is taken over where it was kept, and never while a database runs on it", () => {
    assert.deepEqual(keptOf("alice", cluster({}, KEPT)), { namespace: true, claim: true });
    assert.deepEqual(keptOf("alice", cluster({}, ["namespaces"])), { namespace: true });
    assert.deepEqual(keptOf("alice", cluster()), {});
    assert.deepEqual(keptOf("bob", cluster({}, KEPT)), {});
  });

  it("gives the claim its class, with a database and without: asked for another, that one is asked for, which is refused elsewhere", () => {
    const classOf = (wish: Wish, held: ReturnType<typeof cluster>) =>
      at(tenantClaimOf(planOf("alice", { ...alice(wish), apiKey: "ak-1" }), keptOf("alice", held)), "spec.storageClassName");
    const defaulted = (objects: Objects) => Object.assign(at(objects.claims, "spec") as object, { storageClassName: "default-of-cluster" });
    for (const left of [KEPT, undefined]) assert.equal(classOf({}, cluster({}, left, defaulted)), "default-of-cluster");
    assert.equal(classOf({ persistence: { storageClass: "fast" } }, cluster({}, KEPT, defaulted)), "fast");
    assert.equal(classOf({}, cluster({}, [])), undefined);
  });
});
