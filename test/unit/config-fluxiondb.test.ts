import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { stringify } from "yaml";
import { load, tenantsOf } from "../../config";

type Config = Record<string, unknown>;

const CLUSTER = { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
const alice = { ram: "1Gi", generateKey: true };
const stack = (section: Config, rest: Config = {}): Config => ({
  "stackyard:layers": ["fluxiondb"],
  "stackyard:cluster": CLUSTER,
  "stackyard:fluxiondb": { image: { tag: "1.0.3" }, tenants: { alice }, ...section },
  ...rest,
});

/** Loads a config as the engine hands it over: every value as text. */
function loaded(config: Config, encrypted: string[] = []) {
  pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "", state: inputs as Config }), call: () => ({}) }, "stackyard", "test");
  const values = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  pulumi.runtime.setAllConfig(Object.fromEntries(values) as Record<string, string>, encrypted);
  return load();
}
const tenants = (section: Config, rest?: Config, encrypted?: string[]) => {
  const { fluxiondb } = loaded(stack(section, rest), encrypted).layers;
  return tenantsOf(fluxiondb ?? assert.fail("the layer was lost"));
};

/** What a section is refused with: reason and commands of each error, by its key after `stackyard:fluxiondb.`. */
function refused(section: Config, rest?: Config, encrypted?: string[]): Record<string, string> {
  try {
    loaded(stack(section, rest), encrypted);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), `not refused, but failed: ${inspect(error)}`);
    const [, ...blocks] = error.message.split("\n\n");
    return Object.fromEntries(
      blocks.map((block) => [
        block.slice(0, block.indexOf("\n")).replace("stackyard:fluxiondb.", ""),
        block.slice(block.indexOf("\n") + 1),
      ]),
    );
  }
  return assert.fail("the config was taken");
}

describe("section fluxiondb", function () {
  this.timeout("10s"); // a refusal describes the whole schema, which takes its time on a machine that has other work

  it("gives each tenant what it says itself, over what the section says for all, over the defaults", () => {
    const section = {
      suspended: true,
      env: { flushInterval: 30 },
      persistence: { storageClass: "fast" },
      resources: { requests: { cpu: "1" }, limits: { cpu: "3" } },
      networkPolicy: { ingressController: { namespace: "edge" } },
      tenants: {
        alice: {
          ...alice,
          suspended: false,
          persistence: { size: "50Gi" },
          resources: { limits: { cpu: "4" } },
          networkPolicy: { clients: "anywhere" },
        },
        bob: { ram: "2Gi", generateKey: true, persistence: { storageClass: "slow" } },
      },
    };
    const [first, second] = tenants(section).map(({ options }) => options);
    assert.deepEqual([first?.user, first?.ram, first?.suspended], ["alice", "1Gi", false]);
    assert.deepEqual([second?.user, second?.ram, second?.suspended], ["bob", "2Gi", true]);
    assert.deepEqual(first?.persistence, { enabled: true, storageClass: "fast", size: "50Gi" });
    assert.equal(second?.persistence.storageClass, "slow");
    assert.deepEqual(first?.resources, { requests: { cpu: "1" }, limits: { cpu: "4" } });
    assert.equal(first?.networkPolicy.clients, "anywhere");
    assert.equal(first?.networkPolicy.ingressController.namespace, "edge");
    for (const options of [first, second]) {
      assert.equal(options?.image.tag, "1.0.3");
      assert.equal(options?.env.flushInterval, 30);
      assert.equal(options?.service.port, 8080);
    }
  });

  it("backs each tenant up as the section says, or as it says itself, or not at all", () => {
    const backup = { schedule: "0 5 * * *", keepDays: 7 };
    const section = {
      backup,
      tenants: { alice, bob: { ...alice, backup: { keepDays: 90 } }, carol: { ...alice, backup: false } },
    };
    const whole = { ...backup, volumes: "files", namespace: "velero" };
    assert.deepEqual(
      tenants(section).map(({ options }) => options.backup),
      [whole, { ...whole, keepDays: 90 }, undefined],
    );
    const [only] = tenants({ tenants: { alice: { ...alice, backup: {} } } });
    assert.deepEqual(only?.options.backup, { schedule: "0 3 * * *", keepDays: 30, volumes: "files", namespace: "velero" });
    assert.equal(tenants({ tenants: { alice } })[0]?.options.backup, undefined);
  });

  it("names what is wrong with a tenant's backup where it stands", () => {
    const errors = refused({
      tenants: { alice: { ...alice, backup: { schedule: "nightly", keepDay: 3 } }, bob: { ...alice, backup: true } },
    });
    assert.deepEqual(Object.keys(errors).sort(), ["tenants.alice.backup.keepDay", "tenants.alice.backup.schedule", "tenants.bob.backup"]);
    assert.match(errors["tenants.alice.backup.schedule"] ?? "", /"nightly" is no schedule/);
    assert.match(errors["tenants.alice.backup.keepDay"] ?? "", /did you mean keepDays/);
  });

  it("refuses users that cannot be part of a namespace, and rewrites none", () => {
    const long = "a".repeat(54);
    const users = ["Alice", "al_ice", "-alice", "alice-", "al.ice", "al ice", "", long];
    for (const user of users) {
      const errors = refused({ tenants: { [user]: { ram: "1Gi", generateKey: true, podLabels: "hunter2" } } });
      const [[key, text] = assert.fail(), ...others] = Object.entries(errors);
      assert.deepEqual(others, []);
      assert.ok(key.startsWith("tenants"), key);
      assert.ok(
        text.startsWith(
          `  ${JSON.stringify(user)} is no user: it becomes part of the namespace fluxiondb-<user>, so use 1 to 53 of a-z, 0-9`,
        ),
        text,
      );
      assert.match(text, /\n {2}\$ \$EDITOR Pulumi\.test\.yaml {3}# stackyard:fluxiondb\.tenants.*: under another name$/);
      assert.ok(!/hunter2|ram/.test(text), text);
    }
    const [{ options } = assert.fail()] = tenants({ tenants: { ["a".repeat(53)]: alice } });
    assert.equal(options.user, "a".repeat(53));
    assert.equal(tenants({ tenants: { "007": alice } })[0]?.options.user, "007");
  });

  it("names what is wrong with a tenant where it stands: at the tenant, or in what is there for all", () => {
    const errors = refused({
      image: {},
      persistence: { size: "1Gi" },
      ingress: { enabled: true, host: "fluxiondb-database-of-{user}.example.com" },
      tenants: {
        alice: { ...alice, ram: "8 GB" },
        bob: { ...alice, ram: "4Gi", persistence: { size: "5Gi" } },
        ["c".repeat(50)]: { ...alice, ram: "1Gi" },
        dave: { ...alice, replicas: 2 },
      },
    });
    assert.deepEqual(Object.keys(errors).sort(), [
      "image.tag",
      "ingress.host",
      "persistence.size",
      "tenants.alice.ram",
      "tenants.bob.persistence.size",
      "tenants.dave.replicas",
    ]);
    assert.match(errors["tenants.alice.ram"] ?? "", /"8 GB" is no size: .*512Mi or 4Gi/);
    assert.match(errors["persistence.size"] ?? "", /1Gi is less than twice the RAM: set at least 2Gi for 1Gi/);
    assert.match(errors["tenants.bob.persistence.size"] ?? "", /5Gi is less than twice the RAM: set at least 8Gi for 4Gi/);
    assert.match(errors["ingress.host"] ?? "", /fluxiondb-database-of-ccc.* is no host name/);
  });

  it("says what is wrong for all tenants once", () => {
    const section = { image: {}, service: { type: "LoadBalancer" }, tenants: { alice, bob: alice, carol: alice } };
    assert.deepEqual(Object.keys(refused(section)).sort(), ["image.tag", "networkPolicy.clients"]);
    const { message } = (() => {
      try {
        return assert.fail(`was taken: ${inspect(loaded(stack(section)))}`);
      } catch (error) {
        return error as Error;
      }
    })();
    assert.match(message, /has 2 errors;/);
  });

  describe("takes a tenant's key from one place", () => {
    const KEYS = { "stackyard:secrets": { "alice-key": "hunter2" } };
    const encrypted = ["stackyard:secrets"];
    const keyed = (tenant: Config, section: Config = {}) => ({ ...section, tenants: { alice: { ram: "1Gi", ...tenant } } });

    it("stackyard:secrets, a Secret of its namespace, or a key that is made", () => {
      const [named] = tenants(keyed({ secrets: { apiKey: "alice-key" } }), KEYS, encrypted);
      assert.deepEqual([named?.apiKey, named?.generateKey], ["alice-key", false]);
      const [existing] = tenants(keyed({ secret: { name: "mine" } }));
      assert.deepEqual([existing?.apiKey, existing?.generateKey, existing?.options.secret.name], [undefined, false, "mine"]);
      const [made] = tenants(keyed({ generateKey: true }));
      assert.deepEqual([made?.apiKey, made?.generateKey], [undefined, true]);
    });

    it("the operator's, for each that does not say its own", () => {
      const externalSecrets = { secretStoreRef: { name: "vault" }, apiKey: { key: "prod/{user}", property: "key" } };
      const own = { bob: { ram: "1Gi", generateKey: true }, carol: { ram: "1Gi", secret: { name: "mine" } } };
      const all = tenants({ externalSecrets, tenants: { alice: { ram: "1Gi" }, ...own } });
      assert.deepEqual(
        all.map(({ options, external }) => [options.secret.name, external]),
        [
          ["fluxiondb-key", { "secret-key": { key: "prod/alice", property: "key" } }],
          [undefined, undefined],
          ["mine", undefined],
        ],
      );
    });

    it("which is asked for where there is none", () => {
      const { "tenants.alice.secrets.apiKey": error = "", ...others } = refused(keyed({}));
      assert.deepEqual(others, {});
      assert.match(
        error,
        /^ {2}is missing: name a key of stackyard:secrets, or a Secret \(secret\.name\), or set generateKey to true, or write externalSecrets for all\n/,
      );
      assert.match(error, /\$ pulumi config set --stack test --secret --path 'stackyard:secrets\.fluxiondb-alice-api-key'\n/);
      assert.match(
        error,
        /\$ pulumi config set --stack test --plaintext --path 'stackyard:fluxiondb\.tenants\.alice\.secrets\.apiKey' fluxiondb-alice-api-key$/,
      );
    });

    it("and not from two: what is not used is to be taken out", () => {
      const apiKey = { secrets: { apiKey: "alice-key" } };
      for (const [section, key, used] of [
        [keyed({ ...apiKey, generateKey: true }), "generateKey", "secrets.apiKey"],
        [keyed({ secret: { name: "mine" }, generateKey: true }), "generateKey", "secret.name"],
        [keyed({ ...apiKey, secret: { name: "mine" } }), "secrets.apiKey", "secret.name"],
        [keyed(apiKey, { secret: { name: "mine" } }), "secrets.apiKey", "secret.name"],
      ] as const) {
        const errors = refused(section, KEYS, encrypted);
        assert.deepEqual(Object.keys(errors), [`tenants.alice.${key}`]);
        const error = errors[`tenants.alice.${key}`] ?? "";
        assert.ok(error.includes(`is not used beside ${used}: leave one of them out`), error);
        assert.ok(error.includes(`$ pulumi config rm --stack test --path 'stackyard:fluxiondb.tenants.alice.${key}'`), error);
        assert.ok(!/hunter2|alice-key/.test(error), error);
      }
    });

    it("which must be there, and whose name is not repeated: it may be the key itself", () => {
      const { "tenants.alice.secrets.apiKey": error = "" } = refused(keyed({ secrets: { apiKey: "hunter3" } }), KEYS, encrypted);
      assert.match(error, /names no key of stackyard:secrets \(it has alice-key\)\. If it is the secret itself, .*set a new value/);
      assert.match(error, /--secret --path 'stackyard:secrets\.fluxiondb-alice-api-key'\n/);
      assert.match(error, /--path 'stackyard:fluxiondb\.tenants\.alice\.secrets\.apiKey' fluxiondb-alice-api-key/);
      assert.ok(!/hunter/.test(error), error);
    });

    it("which is never an encrypted value of the section itself", () => {
      const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
      const file = join(folder, "Pulumi.test.yaml");
      const before = process.env["PULUMI_OPTION_CONFIG_FILE"];
      process.env["PULUMI_OPTION_CONFIG_FILE"] = file;
      try {
        const secure = keyed({ secrets: { apiKey: { secure: "v1:aaaa" } } });
        writeFileSync(file, stringify({ config: stack(secure) }));
        const errors = refused(keyed({ secrets: { apiKey: "hunter2" } }), {}, ["stackyard:fluxiondb"]);
        assert.deepEqual(errors, {
          "tenants.alice.secrets.apiKey":
            "  holds an encrypted value, and a section holds none: it names a key of stackyard:secrets\n" +
            "  $ pulumi config rm --stack test --path 'stackyard:fluxiondb.tenants.alice.secrets.apiKey'\n" +
            "  $ pulumi config set --stack test --secret --path 'stackyard:secrets.fluxiondb-alice-api-key'\n" +
            "  $ pulumi config set --stack test --plaintext --path 'stackyard:fluxiondb.tenants.alice.secrets.apiKey' fluxiondb-alice-api-key",
        });
      } finally {
        if (before === undefined) Reflect.deleteProperty(process.env, "PULUMI_OPTION_CONFIG_FILE");
        else process.env["PULUMI_OPTION_CONFIG_FILE"] = before;
        rmSync(folder, { recursive: true });
      }
    });
  });

  it("is known to editors, tenants and all", () => {
    interface Schema {
      readonly properties: Record<string, Schema>;
      readonly propertyNames: { readonly pattern: string };
      readonly additionalProperties: Schema | false;
      readonly required: readonly string[];
      readonly description?: string;
    }
    const { properties } = JSON.parse(readFileSync("config/schema.json", "utf8")) as Schema;
    const section = properties["config"]?.properties["stackyard:fluxiondb"] ?? assert.fail("there is no section");
    assert.deepEqual(section.required, ["image", "tenants"]);
    const { propertyNames, additionalProperties: tenant } = section.properties["tenants"] ?? assert.fail("there are no tenants");
    assert.ok(new RegExp(propertyNames.pattern).test("alice") && !new RegExp(propertyNames.pattern).test("Alice"));
    assert.ok(tenant);
    assert.deepEqual(tenant.required, ["ram"]);
    for (const [name, { description }] of [...Object.entries(section.properties), ...Object.entries(tenant.properties)])
      assert.ok(description, `${name} has no description`);
  });
});
