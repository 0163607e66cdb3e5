import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import * as z from "zod";
import { load } from "../../config";
import { Platform, type PlatformArgs } from "../../components/platform";
import { PlatformOptions } from "../../components/platform/options";
import { at, refusals } from "../unit/components/engine";

const KEY = "stackyard:platform";
type Config = Record<string, unknown>;

/** What a section is refused with: under each key the reason and the commands. */
function refused(section: unknown, secrets: Config = {}): Record<string, string> {
  const config: Config = {
    "stackyard:layers": ["platform"],
    "stackyard:cluster": { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" },
    "stackyard:secrets": secrets,
    [KEY]: section,
  };
  pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "", state: inputs as Config }), call: () => ({}) }, "stackyard", "test");
  const texts = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]));
  pulumi.runtime.setAllConfig(texts, ["stackyard:secrets"]);
  try {
    load();
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), `not refused, but failed: ${inspect(error)}`);
    const [, ...blocks] = error.message.split("\n\n");
    return Object.fromEntries(
      blocks.map((block) => [block.slice(0, block.indexOf("\n")).replace(`${KEY}.`, ""), block.slice(block.indexOf("\n") + 1)]),
    );
  }
  return assert.fail("the section was taken");
}

const issuer = { email: "ops@example.com", server: "staging" };

/** What is wrong, the key that says so, and what it says. */
const WRONG: readonly (readonly [what: string, section: object, key: string, says: RegExp])[] = [
  ["an admission without an action", { admission: { actions: [] } }, "admission.actions", /is empty, so that nothing would come of it/],
  ["an admission that denies and warns", { admission: { actions: ["Deny", "Warn"] } }, "admission.actions", /both Deny and Warn/],
  [
    "an issuer without an address",
    { certManager: { issuers: { le: { server: "staging", http01: false, dns01: {} } } } },
    "certManager.issuers.le.email",
    /is missing: write one that somebody reads/,
  ],
  [
    "an address that is none",
    { certManager: { issuers: { le: { ...issuer, email: "ops" } } }, edge: { gateway: {} } },
    "certManager.issuers.le.email",
    /"ops" is no email address/,
  ],
  [
    "an issuer without a server",
    { certManager: { issuers: { le: { email: "ops@example.com" } } }, edge: { gateway: {} } },
    "certManager.issuers.le.server",
    /staging or production/,
  ],
  [
    "an issuer that cannot prove anything",
    { certManager: { issuers: { le: { ...issuer, http01: false } } } },
    "certManager.issuers.le.http01",
    /nothing could prove a host/,
  ],
  [
    "HTTP-01 without an edge",
    { certManager: { issuers: { le: issuer } } },
    "certManager.issuers.le.http01",
    /there is none: set it to false and add dns01, or write edge/,
  ],
  [
    "zones with two providers",
    {
      certManager: {
        issuers: {
          le: {
            ...issuer,
            http01: false,
            dns01: { a: { zones: ["example.com"], route53: { region: "eu-central-1" }, cloudDns: { project: "p" } } },
          },
        },
      },
    },
    "certManager.issuers.le.dns01.a.route53",
    /one too many beside cloudDns/,
  ],
  [
    "zones without a provider",
    { certManager: { issuers: { le: { ...issuer, http01: false, dns01: { a: { zones: ["example.com"] } } } } } },
    "certManager.issuers.le.dns01.a.route53",
    /exactly one of route53, cloudDns, azureDns, cloudflare/,
  ],
  [
    "an access key without its secret",
    {
      certManager: {
        issuers: {
          le: {
            ...issuer,
            http01: false,
            dns01: { a: { zones: ["example.com"], route53: { region: "eu-central-1", accessKeyId: "AKIA" } } },
          },
        },
      },
    },
    "certManager.issuers.le.dns01.a.route53.secrets.secretAccessKey",
    /go together/,
  ],
  ["no edge at all", { edge: {} }, "edge.gateway", /write `gateway: \{\}` for Envoy Gateway, or name the class/],
  [
    "an issuer of the Gateway that is not there",
    { certManager: { issuers: { le: issuer } }, edge: { gateway: { clusterIssuer: "letsencrypt" } } },
    "edge.gateway.clusterIssuer",
    /"letsencrypt" is no issuer of certManager \(it has le\)/,
  ],
  [
    "hosts of a Gateway that is there already",
    { edge: { gateway: { existing: true, hosts: [{ host: "a.example.com" }] } } },
    "edge.gateway.hosts",
    /not used where `existing` is true/,
  ],
  [
    "a host twice",
    { edge: { gateway: { hosts: [{ host: "a.example.com" }, { host: "a.example.com" }] } } },
    "edge.gateway.hosts[1].host",
    /stands there twice/,
  ],
  [
    "a store without a provider",
    { externalSecrets: { store: {} } },
    "externalSecrets.store.aws",
    /exactly one of aws, gcp, azure, vault, fake/,
  ],
  [
    "a store that is there, and is described",
    { externalSecrets: { store: { existing: true, fake: { data: {} } } } },
    "externalSecrets.store.fake",
    /not used where `existing` is true/,
  ],
  [
    "Vault without a way to log in",
    { externalSecrets: { store: { vault: { server: "https://vault.example.com" } } } },
    "externalSecrets.store.vault.role",
    /either `role`.*or secrets\.token/,
  ],
  ["a version that is not full", { loki: { version: "6.x" } }, "loki.version", /"6\.x" is no full version/],
  [
    "a version of what is there already",
    { loki: { existing: true, version: "6.56.1" } },
    "loki.version",
    /not used where `existing` is true/,
  ],
  ["Linkerd without cert-manager", { linkerd: {} }, "certManager", /Linkerd's certificates are made by it/],
  [
    "Linkerd's plugin in the namespace of Linkerd",
    { certManager: {}, linkerd: { cni: { namespace: "linkerd" } } },
    "linkerd.cni.namespace",
    /a namespace of its own/,
  ],
  ["an adapter without a Prometheus", { prometheusAdapter: {} }, "prometheus", /prometheusAdapter reads from it/],
  ["a class without a driver", { storageClasses: { fast: {} } }, "storageClasses.fast.provisioner", /name the CSI driver/],
  ["Velero without a bucket", { velero: {} }, "velero.s3", /name the bucket/],
  [
    "Velero's snapshots without a snapshot controller",
    { velero: { s3: { bucket: "backups" }, snapshots: true } },
    "snapshotController",
    /Velero's snapshots/,
  ],
  [
    "alerts for somebody who is not there",
    { prometheus: { alertmanager: { receivers: {}, receiver: "ops" } } },
    "prometheus.alertmanager.receiver",
    /"ops" is none of alertmanager\.receivers \(it has none\)/,
  ],
  [
    "a receiver whose name is misspelt",
    { prometheus: { alertmanager: { receivers: { ops: { slck: {} } }, receiver: "ops" } } },
    "prometheus.alertmanager.receivers.ops.slck",
    /did you mean slack\?/,
  ],
  [
    "Alertmanager that is neither on nor off nor a map",
    { prometheus: { alertmanager: "on" } },
    "prometheus.alertmanager",
    /write true or false or a map/,
  ],
  [
    "two default classes",
    { storageClasses: { a: { existing: true, default: true }, b: { existing: true, default: true } } },
    "storageClasses.b.default",
    /only one is the default/,
  ],
  ["a part that is unknown", { certmanager: {} }, "certmanager", /did you mean certManager/],
  ["a mirror with a slash at its end", { chartRepository: "https://charts.internal/" }, "chartRepository", /without \/ at the end/],
];

describe("platform: options", () => {
  for (const [what, section, key, says] of WRONG) {
    it(`refuse ${what}, by its key and with a command`, () => {
      const errors = refused(section);
      assert.ok(errors[key], `no error under ${key}: ${inspect(errors)}`);
      assert.match(errors[key], says);
      assert.match(errors[key], /\n {2}\$ (pulumi config|\$EDITOR)/);
    });
  }

  it("refuse several mistakes at once", () => {
    const errors = refused({ linkerd: {}, loki: { version: "6.x" }, storageClasses: { fast: {} } });
    assert.ok("loki.version" in errors && "storageClasses.fast.provisioner" in errors, inspect(errors));
  });

  it("refuse a secret that is named and not there, wherever it is named, and say how to set it", () => {
    const solver = { zones: ["example.com"], cloudflare: { secrets: { apiToken: "hunter2" } } };
    const errors = refused({
      certManager: { issuers: { le: { ...issuer, http01: false, dns01: { main: solver } } } },
      externalSecrets: { store: { vault: { server: "https://vault.example.com", secrets: { token: "hunter3" } } } },
      loki: { s3: { bucket: "logs", secrets: { accessKeyId: "hunter4", secretAccessKey: "hunter5" } } },
      velero: {
        s3: { bucket: "backups", secrets: { accessKeyId: "hunter6", secretAccessKey: "hunter7" } },
        secrets: { repositoryPassword: "hunter8" },
      },
      prometheus: {
        alertmanager: { receiver: "chat", receivers: { chat: { slack: { channel: "#alerts", secrets: { webhookUrl: "hunter9" } } } } },
      },
    });
    assert.deepEqual(Object.keys(errors).sort(), [
      "certManager.issuers.le.dns01.main.cloudflare.secrets.apiToken",
      "externalSecrets.store.vault.secrets.token",
      "loki.s3.secrets.accessKeyId",
      "loki.s3.secrets.secretAccessKey",
      "prometheus.alertmanager.receivers.chat.slack.secrets.webhookUrl",
      "velero.s3.secrets.accessKeyId",
      "velero.s3.secrets.secretAccessKey",
      "velero.secrets.repositoryPassword",
    ]);
    const chat = errors["prometheus.alertmanager.receivers.chat.slack.secrets.webhookUrl"] ?? "";
    assert.match(
      chat,
      /--path 'stackyard:platform\.prometheus\.alertmanager\.receivers\.chat\.slack\.secrets\.webhookUrl' platform-chat-slack-webhook-url/,
    );
    const [first = ""] = Object.values(errors);
    assert.match(first, /pulumi config set --stack test --secret --path 'stackyard:secrets\.platform-le-main-api-token'/);
    assert.ok(!JSON.stringify(errors).includes("hunter"));
  });

  it("refuse the same in a program that uses the component", () => {
    const args = { loki: { version: "6.x" }, unknown: {} } as unknown as PlatformArgs;
    assert.deepEqual(
      refusals(() => new Platform("platform", args)).map((refusal) => refusal.split(":")[0]),
      ["loki.version", "unknown"],
    );
  });

  it("each stand in docs/systems/platform.md, with the default that they have", () => {
    const page = readFileSync("docs/systems/platform.md", "utf8").replace(/ +\|/g, " |").replace(/\| +/g, "| ");
    const missing = rowsOf(z.toJSONSchema(PlatformOptions, { io: "input" })).filter((row) => !page.includes(row));
    assert.deepEqual(missing, [], `rows that the page lacks:\n${missing.join("\n")}`);
  });
});

/** `| path | default | description |` of each option that has no options of its own. */
function rowsOf(schema: unknown, path = ""): string[] {
  const own = Object.entries((at(schema, "properties") ?? {}) as Record<string, unknown>);
  const named = at(schema, "additionalProperties");
  const inner = typeof named === "object" && at(named, "properties") !== undefined ? rowsOf(named, `${path}<name>.`) : [];
  const items = at(schema, "items.properties") === undefined ? [] : rowsOf(at(schema, "items"), `${path.replace(/\.$/, "")}[].`);
  const deeper = own.flatMap(([key, option]) => {
    const rows = rowsOf(option, `${path}${key}.`);
    if (rows.length > 0) return rows;
    const alternatives = ((at(option, "anyOf") ?? []) as unknown[]).flatMap((one) => rowsOf(one, `${path}${key}.`));
    const value = at(option, "default");
    const shown = value === undefined ? "" : `\`${JSON.stringify(value)}\` `;
    return [`| \`${path}${key}\` | ${shown}| ${String(at(option, "description"))} |`, ...alternatives];
  });
  return [...deeper, ...inner, ...items];
}
