import type { RemoteKey } from "../kubernetes/external-secret-options";
import type { Shape } from "./shape-options";

/** What follows from the options alone: where a component's secrets come from, and which variables its owner has given it. */

export type Component = "api" | "web" | "worker";
export type Env = Readonly<Record<string, string | number | boolean>>;

export type Source =
  | { readonly kind: "none" }
  | { readonly kind: "existing"; readonly name: string }
  | { readonly kind: "static"; readonly keys: readonly string[]; readonly name?: string }
  | { readonly kind: "external"; readonly data: Readonly<Record<string, RemoteKey>>; readonly name?: string };

/** Where a component's own secrets come from. */
export function ownSourceOf(options: Shape, component: Component): Source {
  const { secretName: name, secrets } = options[component];
  const { data } = options.externalSecrets[component];
  if (options.externalSecrets.enabled && Object.keys(data).length > 0) return { kind: "external", data, name };
  if (!options.externalSecrets.enabled && Object.keys(secrets).length > 0) return { kind: "static", keys: Object.keys(secrets), name };
  return name === undefined ? { kind: "none" } : { kind: "existing", name };
}

/** Whose Secret a component reads: the worker, which runs the API's program, the API's where it has none of its own. */
export const ownerOf = (options: Shape, component: Component): Component =>
  component === "worker" && ownSourceOf(options, "worker").kind === "none" ? "api" : component;

export const sourceOf = (options: Shape, component: Component): Source => ownSourceOf(options, ownerOf(options, component));

/** Variables that a source sets; undefined where only the cluster knows. */
export const keysOf = (source: Source): readonly string[] | undefined => {
  if (source.kind === "existing") return undefined;
  if (source.kind === "external") return Object.keys(source.data);
  return source.kind === "static" ? source.keys : [];
};

/** What billing's retries and replay run by (contract 4.2, seed 004 "Billing Worker Topology"). */
export const RETRIES = ["ENABLE_BILLING_RETRY_WORKER", "ENABLE_BILLING_STREAM_REPLAY"] as const;
export const RETRY_MODE = "BILLING_RETRY_DEPLOYMENT_MODE";
export const WORKER_ENV: Env = { ...Object.fromEntries(RETRIES.map((name) => [name, true])), [RETRY_MODE]: "dedicated" };

/** Variables given by the owner: the worker has the API's, save what makes it the worker, and its own over them. */
export function givenEnvOf(options: Shape, component: Component): Env {
  if (component !== "worker") return options[component].env;
  const taken = new Set([...Object.keys(WORKER_ENV), ...(keysOf(sourceOf(options, "worker")) ?? [])]);
  const inherited = Object.entries(options.api.env).filter(([name]) => !taken.has(name));
  return { ...Object.fromEntries(inherited), ...options.worker.env };
}

const ON = new Set(["true", "1", "yes", "on", "y", "t"]);
export const isOn = (value: Env[string] | undefined): boolean => ON.has(String(value).toLowerCase());

/** Environments that leave the production gates off (contract 4.2). */
export const UNGATED = ["development", "dev", "demo", "test"];
export const isGated = (env: Env): boolean =>
  env["ENVIRONMENT"] !== undefined && !UNGATED.includes(String(env["ENVIRONMENT"]).toLowerCase());

/** Most pods that the API can have. */
export const mostApiPods = ({ api, autoscaling }: Shape): number =>
  autoscaling.enabled && autoscaling.api.enabled ? autoscaling.api.maxReplicas : api.replicaCount;
/** Whether signing keys are files (contract 4.2: the default). */
export const keepsKeyFiles = ({ api }: Shape): boolean => (api.env["AUTH_KEY_STORAGE_BACKEND"] ?? "file") === "file";
