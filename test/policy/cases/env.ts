import { put, withField, type Case, type Mutation } from "../case";
import { container, deployment } from "./fixtures";

const path = "spec.template.spec.containers[0].";
const inClear = (name: string, value = "hunter2", shape = ""): Mutation => ({
  by: `env ${name} with ${shape || "a value"}`,
  change: put(`${path}env`, [{ name, value }]),
  finds: [{ container: "api", field: `${path}env`, problem: `holds "${name}"${shape} in clear` }],
});
/** A value of this shape, put together here: no scanner is to find a secret in the tree. */
const shaped = (shape: string, ...parts: string[]) => inClear("VALUE", parts.join(""), `, ${shape},`);
const env = (...variables: { name: string; value?: string; valueFrom?: object }[]) => [withField(deployment(), `${path}env`, variables)];
const ones = (count: number) => "1".repeat(count);

export const envs = {
  "no-secret-in-env": {
    valid: [
      [deployment()],
      env({ name: "API_KEY", valueFrom: { secretKeyRef: { name: "keys", key: "api" } } }, { name: "PASSWORD", value: "" }),
      env({ name: "DATABASE_PASSWORD", value: "$(POSTGRES_PASSWORD)" }, { name: "TOKEN", value: "$(A)$(B)" }),
      // what only points at a secret, or counts tokens
      env(
        { name: "AUTH_KEY_SECRET_NAME", value: "production/keyset" },
        { name: "SECRETS_PROVIDER", value: "aws_sm" },
        { name: "POSTGRES_PASSWORD_FILE", value: "/run/secrets/password" },
        { name: "SECURITY_TOKEN_REDIS_URL", value: "redis://redis:6379" },
        { name: "MAX_TOKENS", value: "4096" },
        { name: "TOKENIZER", value: "o200k" },
        { name: "MONKEY", value: "capuchin" },
      ),
      env(
        { name: "A", value: "postgres://app@db:5432/app?a=b:c@d" },
        { name: "B", value: "postgres://app:$(PASSWORD)@db/app" },
        { name: "C", value: "postgres://app:${PASSWORD}@db/app" },
        { name: "D", value: "https://example.com:8080/@scope/package" },
        { name: "E", value: "-----BEGIN CERTIFICATE-----" },
      ),
    ],
    mutations: [
      inClear("DATABASE_PASSWORD"),
      inClear("DB_PASSWD"),
      inClear("API_KEY"),
      inClear("api-key"),
      inClear("PRIVATE_KEY_ID"),
      inClear("STRIPE_SECRET"),
      inClear("SECRET_OF_STRIPE"),
      inClear("accessKeyId"),
      inClear("TOKEN"),
      inClear("SIGNING_KEY"),
      inClear("encryption.key"),
      inClear("AUTHKEY"),
      inClear("BEARER"),
      inClear("AWS_CREDENTIALS"),
      inClear("TOKEN", "$(PREFIX)hunter2"),
      inClear("TOKEN", "hunter2$(SUFFIX)"),
      shaped("a private key", "-----BEGIN RSA PRIV", "ATE KEY-----"),
      shaped("a key of AWS", "AKIA", ones(16)),
      shaped("a key of AWS", "ASIA", ones(16)),
      shaped("a key of Google", "AIza", ones(35)),
      shaped("a token of GitHub", "ghp_", ones(36)),
      shaped("a token of GitHub", "github_pat_", ones(22)),
      shaped("a token of GitLab", "glpat-", ones(20)),
      shaped("a token of Slack", "xoxb-", ones(10)),
      shaped("a key of Stripe", "sk_live_", ones(16)),
      shaped("a JSON Web Token", "eyJ", "hb.eyJ", "hb.x"),
      shaped("a URL with a password", "postgres://app:", "hunter2@db/app"),
      shaped("a URL with a password", "redis://:", "hunter2@cache"),
      {
        by: "an init container's variable",
        change: put("spec.template.spec.initContainers", [{ ...container("first"), env: [{ name: "TOKEN", value: "hunter2" }] }]),
        finds: [{ container: "first", field: "spec.template.spec.initContainers[0].env", problem: 'holds "TOKEN" in clear' }],
      },
    ],
  },
  "secrets-as-files": {
    valid: [
      [deployment()],
      env({ name: "A", value: "1" }, { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }),
      [withField(deployment(), `${path}envFrom`, [{ configMapRef: { name: "settings" } }])],
    ],
    section: { rules: { "secrets-as-files": { values: { required: true } } } },
    mutations: [
      {
        by: "one key",
        change: put(`${path}env`, [
          { name: "A", value: "1" },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "api" } } },
        ]),
        finds: [{ container: "api", field: `${path}env`, problem: 'has "KEY" from a Secret' }],
      },
      {
        by: "all keys",
        change: put(`${path}envFrom`, [{ configMapRef: { name: "settings" } }, { secretRef: { name: "keys" } }]),
        finds: [{ container: "api", field: `${path}envFrom`, problem: "has all keys of a Secret" }],
      },
    ],
  },
  "unique-env": {
    valid: [[deployment()], env({ name: "A", value: "1" }, { name: "B", value: "1" })],
    mutations: [
      {
        by: "one three times, another twice",
        change: put(
          `${path}env`,
          ["A", "B", "A", "C", "A", "B"].map((name) => ({ name, value: "1" })),
        ),
        finds: ["A", "B"].map((name) => ({ container: "api", field: `${path}env`, problem: `has "${name}" more than once` })),
      },
    ],
  },
} satisfies Record<string, Case>;
