import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { stringify } from "yaml";
import { load } from "../../config";
import { given } from "./starter-given";

type Config = Record<string, unknown>;

const KEY = "stackyard:starter";
const SECRETS = "stackyard:secrets";

/** Least that a section says: static secrets, one of them, no Ingress. */
const section = (changes: Config = {}) =>
  given(
    {
      api: {
        image: "registry.example.com/app-api:1.4.0",
        env: { ENVIRONMENT: "dev" },
        secrets: { DATABASE_URL: "database" },
      },
      web: { image: "registry.example.com/app-web:2.1.0" },
      externalSecrets: { enabled: false },
      autoscaling: { api: { enabled: false } },
      ingress: { enabled: false },
    },
    changes,
  );

const file = (starter: unknown, secrets: unknown = { database: "hunter2" }): Config => ({
  "stackyard:layers": ["starter"],
  "stackyard:cluster": { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" },
  [KEY]: starter,
  [SECRETS]: secrets,
});

/** Loads a config as the engine hands it over: every value as text, and decrypted. */
function loaded(config: Config, encrypted = [SECRETS]) {
  pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "", state: inputs as Config }), call: () => ({}) }, "stackyard", "test");
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)])), encrypted);
  return load().layers.starter;
}

/** What a config is refused with: under each key the reason and the commands; no secret is among it. */
function refused(config: Config, encrypted?: string[]): Record<string, string> {
  try {
    loaded(config, encrypted);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), `not refused, but failed: ${inspect(error)}`);
    assert.doesNotMatch(error.message, /hunter/);
    const [, ...blocks] = error.message.split("\n\n");
    return Object.fromEntries(blocks.map((block) => [block.slice(0, block.indexOf("\n")), block.slice(block.indexOf("\n") + 1)]));
  }
  return assert.fail("the config was taken");
}

const keys = (errors: Record<string, string>) => Object.keys(errors).map((key) => key.replace(`${KEY}.`, ""));

describe("config of the starter", () => {
  it("has every default filled in", () => {
    const starter = loaded(file(section()));
    assert.equal(starter?.worker.enabled, false);
    assert.equal(starter?.autoscaling.web.maxReplicas, 10);
    assert.equal(starter?.migrations.backoffLimit, 3);
    assert.deepEqual(starter?.backing, {});
  });

  it("is described in the schema that editors read, its secrets as names", () => {
    interface Schema {
      readonly description?: string;
      readonly properties: Readonly<Record<string, Schema>>;
      readonly additionalProperties: Schema;
    }
    const { properties } = JSON.parse(readFileSync("config/schema.json", "utf8")) as Schema;
    const starter = properties["config"]!.properties[KEY]!.properties;
    for (const name of ["api", "web", "worker", "backing", "externalSecrets", "migrations"]) assert.ok(starter[name]?.description, name);
    for (const name of ["api", "web", "worker"])
      assert.match(starter[name]!.properties["secrets"]!.additionalProperties.description ?? "", /key of stackyard:secrets/);
  });

  describe("secrets", () => {
    it("that stackyard:secrets has not are refused, with a name for each that tells whose it is", () => {
      const wrong = section({ api: { secrets: { OPENAI_API_KEY: "hunter3" } }, web: { secrets: { SESSION_KEY: "hunter4" } } });
      const errors = refused(file(wrong));
      assert.deepEqual(keys(errors), ["api.secrets.OPENAI_API_KEY", "web.secrets.SESSION_KEY"]);
      assert.equal(
        errors[`${KEY}.web.secrets.SESSION_KEY`],
        "  names no key of stackyard:secrets (it has database). If it is the secret itself, it stands in the file in clear: set a new value\n" +
          "  $ pulumi config set --stack test --secret --path 'stackyard:secrets.starter-web-session-key'\n" +
          "  $ pulumi config set --stack test --plaintext --path 'stackyard:starter.web.secrets.SESSION_KEY' starter-web-session-key",
      );
    });

    it("that the program needs and nobody names are asked for in the same way, never as a value in the section", () => {
      const errors = refused(file(section({ api: { secrets: undefined } })));
      assert.deepEqual(keys(errors), ["api.secrets.DATABASE_URL"]);
      assert.match(errors[`${KEY}.api.secrets.DATABASE_URL`] ?? "", /is missing: the API exits without it/);
      assert.deepEqual(errors[`${KEY}.api.secrets.DATABASE_URL`]?.split("\n").slice(1), [
        "  $ pulumi config set --stack test --secret --path 'stackyard:secrets.starter-api-database-url'",
        "  $ pulumi config set --stack test --plaintext --path 'stackyard:starter.api.secrets.DATABASE_URL' starter-api-database-url",
      ]);
    });

    it("in clear are refused, among the secrets and among the variables", () => {
      const errors = refused(file(section({ api: { env: { OPENAI_API_KEY: "hunter3" } } })), []);
      assert.deepEqual(keys(errors), [`${SECRETS}.database`, "api.env.OPENAI_API_KEY"]);
      assert.match(errors[`${SECRETS}.database`] ?? "", /stands in clear[^]*--secret --path 'stackyard:secrets\.database'/);
      assert.deepEqual(errors[`${KEY}.api.env.OPENAI_API_KEY`]?.split("\n"), [
        "  would stand in clear, and is a secret: move it to api.secrets",
        "  $ pulumi config rm --stack test --path 'stackyard:starter.api.env.OPENAI_API_KEY'",
        "  $ pulumi config set --stack test --secret --path 'stackyard:secrets.starter-api-openai-api-key'",
        "  $ pulumi config set --stack test --plaintext --path 'stackyard:starter.api.secrets.OPENAI_API_KEY' starter-api-openai-api-key",
      ]);
    });

    it("that stand among the variables, too, or belong there, are refused without a word of their values", () => {
      const env = { ENVIRONMENT: "dev", S3_KEY: "hunter3" };
      const errors = refused(file(section({ api: { env, secrets: { S3_KEY: "database", ALLOWED_HOSTS: "database" } } })));
      assert.deepEqual(keys(errors), ["api.env.S3_KEY", "api.secrets.ALLOWED_HOSTS"]);
      assert.match(errors[`${KEY}.api.env.S3_KEY`] ?? "", /stands in api\.secrets, too: [^\n]*\n[^\n]* config rm [^\n]*$/);
      assert.match(
        errors[`${KEY}.api.secrets.ALLOWED_HOSTS`] ?? "",
        /config rm [^]*--path 'stackyard:starter\.api\.env\.ALLOWED_HOSTS' '<value>'/,
      );
    });

    it("encrypted inside the section are refused, each by its place, with a name to give instead", () => {
      const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
      const before = process.env["PULUMI_OPTION_CONFIG_FILE"];
      process.env["PULUMI_OPTION_CONFIG_FILE"] = join(folder, "Pulumi.test.yaml");
      try {
        const secret = { secure: "v1:AAAA:BBBB" };
        const inFile = section({ api: { secrets: { STRIPE_SECRET_KEY: secret } } });
        writeFileSync(join(folder, "Pulumi.test.yaml"), stringify({ config: file(inFile, { database: secret }) }));
        const given = section({ api: { secrets: { STRIPE_SECRET_KEY: "hunter3" } } });
        const errors = refused(file(given), [SECRETS, KEY]);
        assert.deepEqual(keys(errors), ["api.secrets.STRIPE_SECRET_KEY"]);
        assert.deepEqual(errors[`${KEY}.api.secrets.STRIPE_SECRET_KEY`]?.split("\n"), [
          "  holds an encrypted value, and a section holds none: it names a key of stackyard:secrets",
          "  $ pulumi config rm --stack test --path 'stackyard:starter.api.secrets.STRIPE_SECRET_KEY'",
          "  $ pulumi config set --stack test --secret --path 'stackyard:secrets.starter-api-stripe-secret-key'",
          "  $ pulumi config set --stack test --plaintext --path 'stackyard:starter.api.secrets.STRIPE_SECRET_KEY' starter-api-stripe-secret-key",
        ]);
      } finally {
        if (before === undefined) delete process.env["PULUMI_OPTION_CONFIG_FILE"];
        else process.env["PULUMI_OPTION_CONFIG_FILE"] = before;
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe("backing", () => {
    const both = { postgres: {}, redis: {} };

    it("gives the API the addresses of its database and its Redis, which it need not name", () => {
      assert.ok(loaded(file(section({ api: { secrets: undefined }, backing: both }), {})));
    });

    it("lets nobody else set what it sets", () => {
      const twice = section({ api: { secrets: { DATABASE_URL: "database", REDIS_URL: "database" } }, backing: both });
      const errors = refused(file(twice));
      assert.deepEqual(keys(errors), ["api.secrets.DATABASE_URL", "api.secrets.REDIS_URL"]);
      assert.match(
        errors[`${KEY}.api.secrets.REDIS_URL`] ?? "",
        /is set by backing\.redis[^]*config rm .*'stackyard:starter\.api\.secrets\.REDIS_URL'/,
      );
    });

    it("sets them for a worker that has secrets of its own, too", () => {
      const worker = (names: string[]) => ({
        enabled: true,
        secrets: Object.fromEntries(names.map((name) => [name, "database"])),
      });
      const own = (names: string[]) => file(section({ api: { secrets: undefined }, backing: both, worker: worker(names) }));
      assert.ok(loaded(own(["OPENAI_API_KEY"])));
      assert.deepEqual(keys(refused(own(["DATABASE_URL"]))), ["worker.secrets.DATABASE_URL"]);
    });

    it("is refused where the External Secrets operator brings the addresses", () => {
      const external = section({
        api: { secrets: undefined },
        backing: both,
        externalSecrets: { enabled: true, secretStoreRef: { name: "platform" }, api: { data: { DATABASE_URL: "dev/database" } } },
      });
      const errors = refused(file(external));
      assert.deepEqual(keys(errors), ["backing.postgres", "backing.redis"]);
      assert.match(errors[`${KEY}.backing.postgres`] ?? "", /unused while externalSecrets\.enabled is true[^]*config rm /);
    });

    it("has no Redis for production, which asks for TLS", () => {
      const names = ["SECRET_KEY", "AUTH_PASSWORD_PEPPER", "AUTH_REFRESH_TOKEN_PEPPER"];
      const production = section({
        api: {
          env: {
            ENVIRONMENT: "production",
            SECRETS_PROVIDER: "aws_sm",
            AUTH_KEY_STORAGE_BACKEND: "secret-manager",
            AUTH_KEY_STORAGE_PROVIDER: "aws_sm",
            AUTH_KEY_SECRET_NAME: "prod/keyset",
            APP_PUBLIC_URL: "https://app.example.com",
          },
          secrets: { DATABASE_URL: undefined, ...Object.fromEntries(names.map((name) => [name, "database"])) },
        },
        backing: both,
      });
      const errors = refused(file(production));
      assert.deepEqual(keys(errors), ["backing.redis"]);
      assert.match(errors[`${KEY}.backing.redis`] ?? "", /TLS[^]*api\.secrets\.REDIS_URL/);
    });
  });
});
