import { strict as assert } from "node:assert";
import { fluxionDbMemory, fluxionDbOneReplica, fluxionDbStorage } from "../../policy/rules/fluxiondb";
import { changed, judged, unknown } from "./judge";

const parents = ["stackyard:fluxiondb:FluxionDb"];
/** Children of a tenant; a rule remembers tenants for the length of a run, so that each test has one of its own. */
const databaseOf = (tenant: string) => ({
  type: "kubernetes:apps/v1:StatefulSet",
  name: `fluxiondb-${tenant}-database`,
  parents,
  props: {
    metadata: { name: "fluxiondb", annotations: {} as Record<string, string> },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: "fluxiondb", resources: { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } } }] } },
    },
  },
});
const claimOf = (tenant: string) => ({
  type: "kubernetes:core/v1:PersistentVolumeClaim",
  name: `fluxiondb-${tenant}-claim`,
  parents,
  props: {
    metadata: { name: "fluxiondb", annotations: { "stackyard.dev/ram": "2Gi" } as Record<string, string> },
    spec: { resources: { requests: { storage: "4Gi" } } },
  },
});
const stored = (tenant: string, storage: string, annotations: Record<string, string> = {}) =>
  changed(claimOf(tenant), ({ metadata, spec }) => {
    spec.resources.requests.storage = storage;
    Object.assign(metadata.annotations, annotations);
  });
const inMemory = (tenant: string, limit: string, request = limit) =>
  changed(databaseOf(tenant), ({ spec }) => {
    spec.template.spec.containers[0]!.resources = { requests: { memory: request }, limits: { memory: limit } };
  });

describe("fluxiondb-one-replica", () => {
  const scaled = (replicas: number, annotations: Record<string, string> = {}) =>
    changed(databaseOf("alice"), ({ metadata, spec }) => {
      spec.replicas = replicas;
      Object.assign(metadata.annotations, annotations);
    });

  it("takes one, and none of a tenant that is suspended", () => {
    assert.deepEqual(judged(fluxionDbOneReplica, scaled(1)), []);
    assert.deepEqual(judged(fluxionDbOneReplica, scaled(0, { "stackyard.dev/suspended": "true" })), []);
  });
  it("refuses two, and none of a tenant that is not, by tenant, field and value", () => {
    assert.match(
      judged(fluxionDbOneReplica, scaled(2)).join(),
      /^StatefulSet of fluxiondb-alice has spec\.replicas 2\. Leave spec\.replicas at 1/,
    );
    assert.match(judged(fluxionDbOneReplica, scaled(0)).join(), /has spec\.replicas 0, and is not marked stackyard\.dev\/suspended/);
  });
  it("refuses an autoscaler", () => {
    const autoscaler = {
      type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      name: "fluxiondb-alice-autoscaler",
      parents,
      props: {},
    };
    assert.match(judged(fluxionDbOneReplica, autoscaler).join(), /^fluxiondb-alice has an autoscaler/);
    assert.deepEqual(judged(fluxionDbOneReplica, { ...autoscaler, parents: [] }), []);
  });
  it("finds the database by its component, and leaves others alone", () => {
    assert.deepEqual(judged(fluxionDbOneReplica, { ...scaled(2), parents: [] }), []);
    assert.equal(judged(fluxionDbOneReplica, { ...scaled(2), parents: ["stackyard:fluxiondb:FluxionDbChart"] }).length, 1);
  });
  it("says that it could not run where the number is not known yet", () => {
    assert.match(judged(fluxionDbOneReplica, scaled(unknown as never)).join(), /can't be known during preview/);
  });
});

describe("fluxiondb-memory", () => {
  it("takes a request that is the limit, however it is written", () => {
    assert.deepEqual(judged(fluxionDbMemory, inMemory("alice", "2Gi", "2048Mi")), []);
  });
  it("refuses a request that is less, and either that is missing", () => {
    const message = /^Container fluxiondb of fluxiondb-alice requests 1Gi memory, and is limited to 2Gi/;
    assert.match(judged(fluxionDbMemory, inMemory("alice", "2Gi", "1Gi")).join(), message);
    const bare = changed(databaseOf("alice"), ({ spec }) => void Reflect.deleteProperty(spec.template.spec.containers[0]!, "resources"));
    assert.match(judged(fluxionDbMemory, bare).join(), /requests no memory, and is limited to none/);
  });
});

describe("fluxiondb-storage", () => {
  it("takes twice the RAM, however it is written", () => {
    assert.deepEqual(judged(fluxionDbStorage, stored("a", "4096Mi")), []);
    assert.deepEqual(judged(fluxionDbStorage, inMemory("a", "2Gi")), []);
  });
  it("refuses less and more, by tenant, value and what it should be", () => {
    const message = /^The claim of fluxiondb-b requests 6Gi of storage, and twice its RAM of 2Gi is 4Gi\. Take spec\.resources/;
    assert.match(judged(fluxionDbStorage, stored("b", "6Gi")).join(), message);
    assert.equal(judged(fluxionDbStorage, stored("c", "3Gi")).length, 1);
  });
  it("takes more where more was asked for, and no less for that", () => {
    const asked = (storage: string) => ({ "stackyard.dev/storage": storage });
    assert.deepEqual(judged(fluxionDbStorage, stored("d", "10Gi", asked("10Gi"))), []);
    assert.equal(judged(fluxionDbStorage, stored("e", "12Gi", asked("10Gi"))).length, 1);
    assert.equal(judged(fluxionDbStorage, stored("f", "3Gi", asked("3Gi"))).length, 1);
  });
  it("compares with the memory that the database really has, which is judged later", () => {
    judged(fluxionDbStorage, stored("g", "4Gi"));
    assert.match(judged(fluxionDbStorage, inMemory("g", "4Gi")).join(), /requests 4Gi of storage, and twice its RAM of 4Gi is 8Gi/);
    assert.deepEqual(judged(fluxionDbStorage, inMemory("h", "4Gi")), []); // a claim that exists already is nobody's to judge
  });
  it("refuses a claim that requests nothing", () => {
    const none = changed(claimOf("i"), ({ spec }) => void Reflect.deleteProperty(spec.resources.requests, "storage"));
    assert.match(judged(fluxionDbStorage, none).join(), /requests no storage/);
  });
});
