import { strict as assert } from "node:assert";
import { warningsOf } from "../../components/starter/billing-options";
import { StarterOptions } from "../../components/starter/options";
import type { StarterArgs } from "../../components/starter";
import { development, given, planned, production, variables } from "./starter-given";

/** Paths of all that is wrong; that options are right is an empty list. */
const wrong = (args: StarterArgs): string[] => (StarterOptions.safeParse(args).error?.issues ?? []).map(({ path }) => path.join("."));
const reason = (args: StarterArgs): string => (StarterOptions.safeParse(args).error?.issues ?? []).map(({ message }) => message).join("\n");
const warnings = (args: StarterArgs): string[] => [...warningsOf(StarterOptions.parse(args))];

const billing = given(production, {
  api: { env: { ENABLE_BILLING: true, STRIPE_PRODUCT_PRICE_MAP: "{}" } },
  externalSecrets: { api: { data: { STRIPE_SECRET_KEY: "prod/stripe", STRIPE_WEBHOOK_SECRET: "prod/hook" } } },
});
const worker = { worker: { enabled: true } };

describe("Starter: contract of the variables", function () {
  this.timeout(20_000);

  it("takes what development and production need, and asks for an environment by name", () => {
    assert.deepEqual(wrong(development), []);
    assert.deepEqual(wrong(production), []);
    assert.deepEqual(wrong(given(development, { api: { env: { ENVIRONMENT: undefined } } })), ["api.env.ENVIRONMENT"]);
    const bySecret = given(production, {
      api: { env: { ENVIRONMENT: undefined } },
      externalSecrets: { api: { data: { ENVIRONMENT: "prod/env" } } },
    });
    assert.deepEqual(wrong(bySecret), ["api.env.ENVIRONMENT", "externalSecrets.api.data.ENVIRONMENT"]);
  });

  it("asks for the database in every environment", () => {
    const none = { DATABASE_URL: undefined };
    assert.deepEqual(wrong(given(development, { api: { secrets: none } })), ["api.secrets.DATABASE_URL"]);
    assert.deepEqual(wrong(given(production, { externalSecrets: { api: { data: none } } })), ["externalSecrets.api.data.DATABASE_URL"]);
  });

  describe("in production", () => {
    it("is any name but development, dev, demo and test", () => {
      for (const ENVIRONMENT of ["development", "dev", "demo", "test", "Dev"]) {
        assert.deepEqual(wrong(given(development, { api: { env: { ENVIRONMENT } } })), []);
      }
      for (const ENVIRONMENT of ["production", "staging", "prod-eu"]) {
        assert.ok(wrong(given(development, { api: { env: { ENVIRONMENT } } })).length > 5);
      }
    });

    for (const name of ["SECRET_KEY", "AUTH_PASSWORD_PEPPER", "AUTH_REFRESH_TOKEN_PEPPER", "REDIS_URL"]) {
      it(`asks for ${name} among the secrets`, () => {
        const missing = given(production, { externalSecrets: { api: { data: { [name]: undefined } } } });
        assert.deepEqual(wrong(missing), [`externalSecrets.api.data.${name}`]);
      });
    }

    for (const name of ["AUTH_KEY_STORAGE_BACKEND", "AUTH_KEY_STORAGE_PROVIDER", "AUTH_KEY_SECRET_NAME"]) {
      it(`asks for ${name}`, () => {
        assert.deepEqual(wrong(given(production, { api: { env: { [name]: undefined } } })), [`api.env.${name}`]);
      });
    }

    it("refuses key files", () => {
      assert.deepEqual(wrong(given(production, { api: { env: { AUTH_KEY_STORAGE_BACKEND: "file" } } })), [
        "api.env.AUTH_KEY_STORAGE_BACKEND",
      ]);
    });

    it("asks for all of Vault where Vault is the provider, as it is unless another is named", () => {
      const vault = [
        "api.env.VAULT_ADDR",
        "externalSecrets.api.data.VAULT_TOKEN",
        "api.env.VAULT_TRANSIT_KEY",
        "api.env.VAULT_VERIFY_ENABLED",
      ];
      for (const SECRETS_PROVIDER of [undefined, "vault_hcp"]) {
        assert.deepEqual(wrong(given(production, { api: { env: { SECRETS_PROVIDER } } })), vault);
      }
      const right = given(production, {
        api: { env: { SECRETS_PROVIDER: "vault_hcp", VAULT_ADDR: "https://vault", VAULT_TRANSIT_KEY: "k", VAULT_VERIFY_ENABLED: true } },
        externalSecrets: { api: { data: { VAULT_TOKEN: "prod/vault" } } },
      });
      assert.deepEqual(wrong(right), []);
      assert.deepEqual(wrong(given(right, { api: { env: { VAULT_VERIFY_ENABLED: false } } })), ["api.env.VAULT_VERIFY_ENABLED"]);
    });

    it("asks for the public address where no Ingress tells it", () => {
      const inside = given(production, { ingress: { enabled: false, hosts: [], tls: [] } });
      assert.deepEqual(wrong(inside), ["api.env.APP_PUBLIC_URL"]);
      assert.deepEqual(wrong(given(inside, { api: { env: { APP_PUBLIC_URL: "https://www.example.com" } } })), []);
    });
  });

  it("takes no secret in clear, and says where it goes, without the value", () => {
    const clear = given(development, { api: { env: { SECRET_KEY: "sk-81f3", STRIPE_SECRET_KEY: "sk-81f3" } } });
    assert.deepEqual(wrong(clear), ["api.env.SECRET_KEY", "api.env.STRIPE_SECRET_KEY"]);
    assert.match(reason(clear), /move it to api\.secrets/);
    assert.doesNotMatch(reason(clear), /sk-81f3/);
  });

  it("takes no name twice, for no component", () => {
    const both = given(production, {
      ...worker,
      api: { env: { S3_BUCKET: "b" } },
      web: { env: { API_BASE_URL: "https://api.example.com" } },
      worker: { enabled: true, env: { LOG_LEVEL: "DEBUG" } },
      externalSecrets: {
        api: { data: { S3_BUCKET: "prod/bucket" } },
        web: { data: { API_BASE_URL: "prod/url" } },
        worker: { data: { ...production.externalSecrets!.api!.data, LOG_LEVEL: "prod/level" } },
      },
    });
    assert.deepEqual(wrong(both), ["api.env.S3_BUCKET", "web.env.API_BASE_URL", "worker.env.LOG_LEVEL"]);
  });

  it("takes none of the variables that decide whether the programs are reached", () => {
    const taken = given(development, { api: { env: { PORT: 80 } }, web: { env: { PORT: 80, HOSTNAME: "web", NEXT_PUBLIC_URL: "x" } } });
    assert.deepEqual(wrong(taken), ["api.env.PORT", "web.env.PORT", "web.env.HOSTNAME", "web.env.NEXT_PUBLIC_URL"]);
    const hosts = given(production, { externalSecrets: { api: { data: { ALLOWED_HOSTS: "prod/hosts" } } } });
    assert.deepEqual(wrong(hosts), ["externalSecrets.api.data.ALLOWED_HOSTS"]);
    assert.deepEqual(wrong(given(development, { api: { env: { "MY-NAME": "x" } } })), ["api.env.MY-NAME"]);
  });

  it("takes only choices that the programs know", () => {
    const chosen = { STORAGE_PROVIDER: "ftp", SECRETS_PROVIDER: "vault", BILLING_RETRY_DEPLOYMENT_MODE: "worker" };
    assert.deepEqual(
      wrong(given(development, { api: { env: chosen } })),
      Object.keys(chosen).map((name) => `api.env.${name}`),
    );
    assert.deepEqual(wrong(given(development, { api: { env: { STORAGE_PROVIDER: "s3" } } })), ["api.env.S3_BUCKET", "api.env.S3_REGION"]);
  });

  it("refuses what would share key files among pods, migrate twice, or log where nothing can be written", () => {
    const two = given(development, { api: { replicaCount: 2 } });
    assert.deepEqual(wrong(two), ["api.env.AUTH_KEY_STORAGE_BACKEND"]);
    assert.deepEqual(wrong(given(development, { autoscaling: { api: { enabled: true } } })), ["api.env.AUTH_KEY_STORAGE_BACKEND"]);
    assert.deepEqual(wrong(given(two, { api: { env: { AUTH_KEY_STORAGE_BACKEND: "secret-manager" } } })), []);

    const itself = { api: { env: { AUTO_RUN_MIGRATIONS: true } } };
    assert.deepEqual(wrong(given(development, itself)), ["api.env.AUTO_RUN_MIGRATIONS"]);
    assert.deepEqual(wrong(given(development, { ...itself, migrations: { enabled: false } })), []);

    const file = given(development, { api: { env: { LOGGING_SINKS: "stdout,file" } } });
    assert.deepEqual(wrong(file), ["api.writablePaths"]);
    assert.deepEqual(wrong(given(file, { api: { writablePaths: ["/tmp", "/app/var/keys", "/app/var/log"] } })), []);
  });

  it("refuses a pod that is killed before it may stop", () => {
    assert.deepEqual(wrong(given(development, { drainSeconds: 40 })), ["terminationGracePeriodSeconds"]);
  });

  describe("and of secrets", () => {
    it("asks for the store by name, once a key is wanted of it", () => {
      assert.deepEqual(wrong(given(production, { externalSecrets: { secretStoreRef: undefined } })), [
        "externalSecrets.secretStoreRef.name",
      ]);
    });

    it("takes values only where no operator is asked, and a mapping only where one is", () => {
      assert.deepEqual(wrong(given(production, { api: { secrets: { OPENAI_API_KEY: "x" } } })), ["api.secrets"]);
      assert.ok(wrong(given(production, { externalSecrets: { enabled: false } })).includes("externalSecrets.api.data"));
    });

    it("trusts a Secret that exists for its keys", () => {
      assert.deepEqual(wrong(given(production, { api: { secretName: "mine" }, externalSecrets: { api: { data: undefined } } })), []);
    });
  });

  describe("and of the Ingress", () => {
    it("takes API hosts only where there is one, and each host and certificate once", () => {
      const hosts = { apiHosts: [{ host: "api.example.com" }] };
      assert.deepEqual(wrong(given(development, { ingress: hosts })), ["ingress.apiHosts"]);
      assert.deepEqual(wrong(given(production, { ingress: { apiHosts: [{ host: "app.example.com" }] } })), ["ingress.apiHosts"]);
      assert.deepEqual(wrong(given(production, { ingress: { ...hosts, apiTls: [{ secretName: "t", hosts: ["app.example.com"] }] } })), [
        "ingress.apiTls.0.hosts",
      ]);
      assert.deepEqual(wrong(given(production, { ingress: { hosts: [], tls: [] } })), ["ingress.hosts"]);
    });
  });

  describe("of billing", () => {
    const retriesOf = async (part: string, args: StarterArgs) => {
      const found = variables(await planned(args), `starter-${part}-pods`);
      return [found["ENABLE_BILLING_RETRY_WORKER"], found["ENABLE_BILLING_STREAM_REPLAY"], found["BILLING_RETRY_DEPLOYMENT_MODE"]];
    };

    it("leaves retries and replay to the worker where there is one, and to the API where there is none", async () => {
      assert.deepEqual(await retriesOf("api", billing), [undefined, undefined, undefined]);
      assert.deepEqual(await retriesOf("api", given(billing, worker)), ["false", "false", undefined]);
      assert.deepEqual(await retriesOf("worker", given(billing, worker)), ["true", "true", "dedicated"]);
    });

    it("lets the API's owner say otherwise, each by itself, and nobody the worker's", async () => {
      const explicit = given(billing, { ...worker, api: { env: { ENABLE_BILLING_STREAM_REPLAY: true } } });
      assert.deepEqual(await retriesOf("api", explicit), ["false", "true", undefined]);
      assert.deepEqual(await retriesOf("worker", explicit), ["true", "true", "dedicated"]);
      const forced = given(billing, { worker: { enabled: true, env: { ENABLE_BILLING_RETRY_WORKER: false } } });
      assert.deepEqual(wrong(forced), ["worker.env.ENABLE_BILLING_RETRY_WORKER"]);
    });

    it("asks for Stripe's keys where it is on", () => {
      const on = given(production, { api: { env: { ENABLE_BILLING: "true" } } });
      assert.deepEqual(wrong(on), [
        "externalSecrets.api.data.STRIPE_SECRET_KEY",
        "externalSecrets.api.data.STRIPE_WEBHOOK_SECRET",
        "api.env.STRIPE_PRODUCT_PRICE_MAP",
      ]);
    });

    it("warns where several pods of the API run retries, and where a worker has nothing to do", () => {
      assert.match(warnings(billing).join(), /10 pods of the API.*worker\.enabled/);
      const one = { autoscaling: { api: { enabled: false } } };
      assert.deepEqual(warnings(given(billing, one)), []);
      assert.match(warnings(given(billing, { ...one, api: { replicaCount: 2 } })).join(), /2 pods/);
      assert.deepEqual(
        warnings(given(billing, { api: { env: { ENABLE_BILLING_RETRY_WORKER: false, ENABLE_BILLING_STREAM_REPLAY: "false" } } })),
        [],
      );
      assert.deepEqual(warnings(given(billing, worker)), []);
      const doubled = given(billing, { ...worker, api: { env: { ENABLE_BILLING_RETRY_WORKER: true } } });
      assert.match(warnings(doubled).join(), /the worker all run billing.*ENABLE_BILLING_RETRY_WORKER/);
      assert.match(warnings(given(production, worker)).join(), /nothing to do/);
      assert.deepEqual(warnings(production), []);
    });
  });
});
