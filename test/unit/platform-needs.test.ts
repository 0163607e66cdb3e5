import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { load } from "../../config";
import type { StackOutputs } from "../../outputs";
import { refuseMissing, refuseWithoutBackups } from "../../stacks/platform-needs";
import { fullNameOf } from "../../stacks/references";

type Platform = NonNullable<StackOutputs["platform"]>;
type Sections = Record<string, unknown>;

const GATEWAY = { name: "edge", namespace: "envoy-gateway-system" };
const BARE: Platform = { issuers: [], resourceMetrics: false, customMetrics: [], storageClasses: [], snapshotClasses: [] };
const FULL: Platform = {
  ...BARE,
  issuers: ["letsencrypt-prod"],
  gateway: { ...GATEWAY, className: "eg", httpListener: "http", listeners: {}, proxyLabels: {}, addresses: [] },
  secretStore: { kind: "ClusterSecretStore", name: "vault" },
  backups: { namespace: "velero", snapshots: true },
  monitoring: { prometheusUrl: "http://prometheus.monitoring.svc:9090", serviceMonitorLabels: {} },
};

/** A stack whose systems name all that a platform can have. */
const SECTIONS: Sections = {
  dotdo: {
    image: { tag: "1.0.0" },
    ingress: { gateway: GATEWAY, clusterIssuer: "letsencrypt-prod", tls: [{ secretName: "do", hosts: ["do.example.com"] }] },
  },
  fluxiondb: {
    image: { tag: "1.0.3" },
    backup: {},
    tenants: {
      alice: { ram: "1Gi", generateKey: true, backup: { volumes: "snapshots" } },
      bob: { ram: "1Gi", generateKey: true },
      carol: { ram: "1Gi", generateKey: true, backup: false },
    },
  },
  starter: {
    api: { image: "example.com/api:1", env: { ENVIRONMENT: "dev" } },
    web: { image: "example.com/web:1" },
    autoscaling: { api: { enabled: false } },
    ingress: { enabled: false },
    externalSecrets: { secretStoreRef: { name: "vault" }, api: { data: { DATABASE_URL: "db" } } },
  },
};

function configOf(sections: Sections, rest: Sections = {}) {
  pulumi.runtime.setMocks(
    { newResource: ({ inputs }) => ({ id: "", state: inputs as Sections }), call: () => ({}) },
    "stackyard",
    "prod",
    false,
    "organization",
  );
  const cluster = { context: "kind-prod", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
  const all = { layers: Object.keys(sections), cluster, ...sections, ...rest };
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(all).map(([key, value]) => [`stackyard:${key}`, text(value)])));
  return load();
}

function refused(platform: Platform): string {
  try {
    refuseMissing(configOf(SECTIONS), "prod-platform", platform);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error.message;
  }
  return "";
}

describe("a stack on another one's platform", () => {
  it("is taken where the platform has all that its sections name", () => assert.equal(refused(FULL), ""));

  it("is told all at once what the platform has not, where that is named, and what it has", () => {
    const [head, ...blocks] = refused(BARE).split("\n\n");
    assert.match(head ?? "", /stack "prod" names what the platform of stack "prod-platform" does not have; nothing was changed/);
    assert.deepEqual(
      blocks.map((block) => block.split("\n")[0]),
      [
        "stackyard:dotdo.ingress.clusterIssuer",
        "stackyard:dotdo.ingress.gateway",
        "stackyard:dotdo.prometheus.serviceMonitor.enabled",
        "stackyard:starter.externalSecrets.secretStoreRef.name",
        "stackyard:fluxiondb.backup.namespace",
        "stackyard:fluxiondb.tenants.alice.backup.volumes",
      ],
    );
    for (const block of blocks) assert.match(block, /the platform has no .*; it has none\n {2}\$ /);
    const other = refused({ ...FULL, issuers: ["letsencrypt-staging"] });
    assert.match(other, /no ClusterIssuer "letsencrypt-prod"; it has letsencrypt-staging/);
  });

  it("is told where the platform's Velero is, and that it takes no snapshots", () => {
    const [, ...blocks] = refused({ ...FULL, backups: { namespace: "backups", snapshots: false } }).split("\n\n");
    assert.equal(blocks.length, 2);
    assert.match(
      blocks[0] ?? "",
      /fluxiondb\.backup\.namespace\n {2}the platform has no namespace of Velero "velero"; it has backups\n {2}\$ /,
    );
    assert.match(blocks[1] ?? "", /alice\.backup\.volumes\n {2}the platform has no Velero that takes snapshots; it has none\n {2}\$ /);
  });

  it("has no platform of its own beside it", () => {
    const platform = { certManager: { existing: true } };
    assert.throws(() => configOf({ platform }, { platformStack: "prod-platform" }), {
      message: /stackyard:platformStack\n {2}is not used beside layer platform[^]*config rm --stack prod --path 'stackyard:platformStack'/,
    });
  });

  it("is not taken by what is no name of a stack", () => {
    assert.throws(() => configOf(SECTIONS, { platformStack: "a/b/c/d" }), { message: /stackyard:platformStack[^]*prod-platform/ });
  });
});

describe("a stack with a platform of its own", () => {
  const image = { tag: "1.0.0" };
  const plinko = {
    backup: { volumes: "snapshots", namespace: "backups" },
    dbGenerator: { image },
    hintGenerator: { image },
    plinkoUpdateService: { image },
    plinkoPirServer: { image },
    rabbyWallet: { image },
  };
  const refusedWith = (platform: Sections): string => {
    try {
      refuseWithoutBackups(configOf({ platform, plinko }));
    } catch (error) {
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      return error.message;
    }
    return "";
  };

  it("is refused backups that its platform does not make, and told where to ask for them", () => {
    const [head, ...blocks] = refusedWith({}).split("\n\n");
    assert.match(head ?? "", /stack "prod" asks for backups that its own platform does not make; nothing was changed/);
    assert.deepEqual(
      blocks.map((block) => block.split("\n")[0]),
      ["stackyard:plinko.backup.namespace", "stackyard:plinko.backup.volumes"],
    );
    for (const block of blocks) assert.match(block, /\n {2}\$ .*add it to stackyard:platform\.velero, with `existing: true`/);
    const velero = { existing: true, namespace: "backups" };
    assert.match(refusedWith({ velero }), /^(?![^]*backup\.namespace)[^]*backup\.volumes/);
    assert.equal(refusedWith({ velero: { ...velero, snapshots: true } }), "");
  });
});

describe("the name of a stack", () => {
  it("is completed from the stack that reads it", () => {
    configOf({});
    assert.deepEqual(["prod", "other/prod", "acme/other/prod"].map(fullNameOf), [
      "organization/stackyard/prod",
      "organization/other/prod",
      "acme/other/prod",
    ]);
  });
});
