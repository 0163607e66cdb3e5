import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { load } from "../../config";
import type { StackOutputs } from "../../outputs";
import { refuseMissing } from "../../stacks/platform-needs";
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
  monitoring: { prometheusUrl: "http://prometheus.monitoring.svc:9090", serviceMonitorLabels: {} },
};

/** A stack whose systems name all that a platform can have. */
const SECTIONS: Sections = {
  dotdo: {
    image: { tag: "1.0.0" },
    ingress: { gateway: GATEWAY, clusterIssuer: "letsencrypt-prod", tls: [{ secretName: "do", hosts: ["do.example.com"] }] },
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
      ],
    );
    for (const block of blocks) assert.match(block, /the platform has no .*; it has none\n {2}\$ /);
    const other = refused({ ...FULL, issuers: ["letsencrypt-staging"] });
    assert.match(other, /no ClusterIssuer "letsencrypt-prod"; it has letsencrypt-staging/);
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
