import {
  Component,
  Env,
  RETRY_MODE,
  UNGATED,
  WORKER_ENV,
  givenEnvOf,
  isGated,
  isOn,
  keepsKeyFiles,
  keysOf,
  mostApiPods,
  ownSourceOf,
  ownerOf,
  sourceOf,
} from "./source-options";
import { APP } from "./pod-options";
import type { Shape } from "./shape-options";

/** What the programs ask of their variables (contract 4.2, 4.4), so that no pod starts only to refuse. */

interface Problem {
  readonly path: string[];
  readonly message: string;
  /** Where it belongs, where it has to be taken out; null where it belongs nowhere. */
  readonly instead?: string[] | null;
}

const REDIS = ["", "RATE_LIMIT_", "AUTH_CACHE_", "SECURITY_TOKEN_", "USAGE_GUARDRAIL_", "ACTIVITY_EVENTS_", "BILLING_EVENTS_"].map(
  (use) => `${use}REDIS_URL`,
);
/** Variables that are secret whatever they hold. */
const SECRET = [
  "DATABASE_URL",
  ...REDIS,
  "SECRET_KEY",
  "AUTH_PASSWORD_PEPPER",
  "AUTH_REFRESH_TOKEN_PEPPER",
  "OPENAI_API_KEY",
  "STRIPE_SECRET_KEY",
  "STRIPE_WEBHOOK_SECRET",
  "VAULT_TOKEN",
];

const PORT_FIXED = "cannot be set: the program's port is fixed. The Service's port is service.port";
/** Variables that nobody sets, with the reason. */
const TAKEN: Readonly<Record<Component, Readonly<Record<string, string>>>> = {
  api: { PORT: PORT_FIXED },
  web: { PORT: PORT_FIXED, HOSTNAME: "cannot be set: web has to listen on 0.0.0.0, and Kubernetes names the pod by it" },
  worker: {
    PORT: PORT_FIXED,
    ...Object.fromEntries(Object.keys(WORKER_ENV).map((name) => [name, "cannot be set: it is what makes the worker the worker"])),
  },
};
/** What decides how the rest is checked, or is put together from parts: known, and no secret. */
const PLAIN = ["ENVIRONMENT", "ALLOWED_HOSTS", "AUTH_KEY_STORAGE_BACKEND", "AUTH_KEY_STORAGE_PATH", "ENABLE_BILLING"];

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  SECRETS_PROVIDER: ["vault_dev", "vault_hcp", "infisical_cloud", "infisical_self_host", "aws_sm", "azure_kv", "gcp_sm"],
  STORAGE_PROVIDER: ["minio", "s3", "gcs", "azure_blob", "memory"],
  AUTH_KEY_STORAGE_BACKEND: ["file", "secret-manager"],
  [RETRY_MODE]: ["inline", "dedicated"],
};

const where = (options: Shape, component: Component): string[] => {
  const owner = ownerOf(options, component);
  return options.externalSecrets.enabled ? ["externalSecrets", owner, "data"] : [owner, "secrets"];
};

function* sources(options: Shape, component: Component): Iterable<Problem> {
  const { enabled, secretStoreRef } = options.externalSecrets;
  const values = Object.keys(options[component].secrets).length > 0;
  const mapped = Object.keys(options.externalSecrets[component].data).length > 0;
  if (enabled && values) {
    const message = `is not used while externalSecrets.enabled is true: set that to false, or map the keys in externalSecrets.${component}.data`;
    yield { path: [component, "secrets"], message };
  }
  if (!enabled && mapped) {
    const message = `is not used while externalSecrets.enabled is false: set that to true, or give the values in ${component}.secrets`;
    yield { path: ["externalSecrets", component, "data"], message };
  }
  if (enabled && mapped && secretStoreRef.name === undefined) {
    const message = `is missing: name the ${secretStoreRef.kind} that holds the keys of externalSecrets.${component}.data`;
    yield { path: ["externalSecrets", "secretStoreRef", "name"], message };
  }
}

function* names(options: Shape, component: Component): Iterable<Problem> {
  const own = options[component].env;
  const keys = keysOf(ownSourceOf(options, component)) ?? [];
  const inEnv = (name: string) => [component, "env", name];
  const inSecrets = (name: string) => [...where(options, component), name];

  for (const name of Object.keys(own)) {
    const taken = TAKEN[component][name];
    const place = where(options, component).join(".");
    // no message begins with "is": it would be shown behind the value, which may be secret
    if (taken !== undefined) yield { path: inEnv(name), message: taken, instead: null };
    else if (SECRET.includes(name)) {
      yield { path: inEnv(name), message: `would stand in clear, and is a secret: move it to ${place}`, instead: inSecrets(name) };
    } else if (keys.includes(name)) {
      yield { path: inEnv(name), message: `stands in ${place}, too: leave one of them out`, instead: null };
    } else if (component === "web" && name.startsWith("NEXT_PUBLIC_")) {
      const message = "has no effect: it is built into the image. Set it where the image is built";
      yield { path: inEnv(name), message, instead: null };
    }
    const choices = CHOICES[name];
    if (choices && !choices.includes(String(own[name]))) {
      yield { path: inEnv(name), message: `${JSON.stringify(own[name])} is none of ${choices.join(", ")}` };
    }
  }
  for (const name of keys) {
    const taken =
      TAKEN[component][name] ?? (PLAIN.includes(name) ? `is no secret, and has to be known here: move it to ${component}.env` : undefined);
    if (taken !== undefined) yield { path: inSecrets(name), message: taken, instead: PLAIN.includes(name) ? inEnv(name) : null };
  }
}

/** What the API's program needs; the worker runs it, too. */
function* program(options: Shape, component: "api" | "worker"): Iterable<Problem> {
  const env = givenEnvOf(options, component);
  const keys = keysOf(sourceOf(options, component));
  const has = (name: string) => keys === undefined || keys.includes(name) || (env[name] !== undefined && env[name] !== "");
  const inEnv = (name: string) => [component, "env", name];
  const missing = (name: string, message: string): Problem[] =>
    has(name)
      ? []
      : [{ path: SECRET.includes(name) ? [...where(options, component), name] : inEnv(name), message: `is missing: ${message}` }];

  yield* missing("DATABASE_URL", "the API exits without it. It looks like postgresql+asyncpg://…");
  if (isOn(env["ENABLE_BILLING"])) {
    for (const name of ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PRODUCT_PRICE_MAP"])
      yield* missing(name, "ENABLE_BILLING needs it");
  }
  if (env["STORAGE_PROVIDER"] === "s3") for (const name of ["S3_BUCKET", "S3_REGION"]) yield* missing(name, "STORAGE_PROVIDER s3 needs it");
  if (options.migrations.enabled && isOn(env["AUTO_RUN_MIGRATIONS"])) {
    yield {
      path: inEnv("AUTO_RUN_MIGRATIONS"),
      message: "would migrate in each pod what migrations.enabled migrates once: leave one of them out",
    };
  }
  yield* logging(options, component, env);
  if (isGated(env)) yield* production(env, missing, inEnv);
}

type Missing = (name: string, message: string) => Problem[];

/** The gates that a production environment puts before the start. */
function* production(env: Env, missing: Missing, inEnv: (name: string) => string[]): Iterable<Problem> {
  const gate = `ENVIRONMENT "${String(env["ENVIRONMENT"])}" starts with it only`;
  for (const name of ["SECRET_KEY", "AUTH_PASSWORD_PEPPER", "AUTH_REFRESH_TOKEN_PEPPER"]) yield* missing(name, gate);
  yield* missing("REDIS_URL", `${gate}, as rediss://:<password>@…`);

  const backend = env["AUTH_KEY_STORAGE_BACKEND"] ?? "file";
  if (backend !== "secret-manager") {
    const message = `${JSON.stringify(backend)} is refused by ENVIRONMENT "${String(env["ENVIRONMENT"])}": write secret-manager`;
    yield { path: inEnv("AUTH_KEY_STORAGE_BACKEND"), message };
  }
  yield* missing("AUTH_KEY_STORAGE_PROVIDER", gate);
  yield* missing("AUTH_KEY_SECRET_NAME", gate);

  const provider = String(env["SECRETS_PROVIDER"] ?? "vault_dev");
  if (!provider.startsWith("vault_")) return;
  const vault = `SECRETS_PROVIDER "${provider}"${env["SECRETS_PROVIDER"] === undefined ? ", the program's default," : ""} needs it in production`;
  for (const name of ["VAULT_ADDR", "VAULT_TOKEN", "VAULT_TRANSIT_KEY"]) yield* missing(name, vault);
  const verify = env["VAULT_VERIFY_ENABLED"];
  if (verify === undefined) yield* missing("VAULT_VERIFY_ENABLED", `${vault}, and it must be true`);
  else if (!isOn(verify)) yield { path: inEnv("VAULT_VERIFY_ENABLED"), message: `${JSON.stringify(verify)} must be true: ${vault}` };
}

/** Logs that go to files need a folder that can be written. */
function* logging(options: Shape, component: "api" | "worker", env: Env): Iterable<Problem> {
  if (
    !String(env["LOGGING_SINKS"] ?? "stdout")
      .split(",")
      .map((sink) => sink.trim())
      .includes("file")
  )
    return;
  const root = String(env["LOG_ROOT"] ?? "var/log");
  const folder = root.startsWith("/") ? root : `${APP}/${root}`;
  const { writablePaths } = options[component];
  if (!options.securityContext.readOnlyRootFilesystem || writablePaths.some((path) => folder === path || folder.startsWith(`${path}/`)))
    return;
  const message = `has no folder for LOGGING_SINKS "file": add "${folder}" (LOG_ROOT), or log to stdout`;
  yield { path: [component, "writablePaths"], message };
}

function* environment({ api }: Shape): Iterable<Problem> {
  if (api.env["ENVIRONMENT"] === undefined || api.env["ENVIRONMENT"] === "") {
    const message = `is missing: name the environment. ${UNGATED.join(", ")} leave the production gates off, any other name turns them on`;
    yield { path: ["api", "env", "ENVIRONMENT"], message };
  }
}

function* keyFiles(options: Shape): Iterable<Problem> {
  const most = mostApiPods(options);
  if (!keepsKeyFiles(options) || isGated(options.api.env) || most === 1) return;
  const scaled = options.autoscaling.enabled && options.autoscaling.api.enabled;
  const one = scaled ? "set autoscaling.api.enabled to false and api.replicaCount to 1" : "set api.replicaCount to 1";
  const message = `"file" keeps the signing keys on a volume of one pod, and the API may have ${most}: ${one}, or write secret-manager`;
  yield { path: ["api", "env", "AUTH_KEY_STORAGE_BACKEND"], message };
}

function* publicUrl(options: Shape): Iterable<Problem> {
  const known = options.ingress.enabled || options.api.env["APP_PUBLIC_URL"] !== undefined;
  const keys = keysOf(sourceOf(options, "api"));
  if (known || !isGated(options.api.env) || keys === undefined || keys.includes("APP_PUBLIC_URL")) return;
  yield {
    path: ["api", "env", "APP_PUBLIC_URL"],
    message: "is missing: without an Ingress nothing tells it, and links would lead to localhost",
  };
}

function* grace({ drainSeconds, terminationGracePeriodSeconds: seconds }: Shape): Iterable<Problem> {
  if (seconds > drainSeconds) return;
  const message = `${seconds} ends before the pod may stop (drainSeconds is ${drainSeconds}): raise it or lower drainSeconds`;
  yield { path: ["terminationGracePeriodSeconds"], message };
}

/** All that keeps the programs from working as they are asked to. */
export function* problemsOf(options: Shape): Iterable<Problem> {
  const components: Component[] = options.worker.enabled ? ["api", "web", "worker"] : ["api", "web"];
  yield* environment(options);
  for (const component of components) {
    yield* sources(options, component);
    yield* names(options, component);
  }
  const ofApi = [...program(options, "api")];
  yield* ofApi;
  // what the worker has from the API is said once
  const said = (path: string[]) => ofApi.some((other) => other.path.at(-1) === path.at(-1));
  if (options.worker.enabled) for (const problem of program(options, "worker")) if (!said(problem.path)) yield problem;
  yield* keyFiles(options);
  yield* publicUrl(options);
  yield* grace(options);
}

/** Why the program would refuse a secret's value, without the value; undefined where it would not. */
export function refusalOf(name: string, value: string, gated: boolean): string | undefined {
  if (name === "DATABASE_URL" && !value.startsWith("postgresql+asyncpg://"))
    return "is no address of Postgres for the API: it starts with postgresql+asyncpg://";
  if (!REDIS.includes(name) || !gated) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "rediss:" && url.password !== "") return undefined;
  return "is refused in production: it starts with rediss:// and has a password, as rediss://:<password>@host:port/0";
}
