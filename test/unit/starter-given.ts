import { Starter, StarterArgs } from "../../components/starter";
import { at, named, plan, Planned } from "./components/engine";

/** Least arguments that development takes: static secrets, no Ingress. */
export const development: StarterArgs = {
  api: {
    image: "registry.example.com/app-api:1.4.0",
    env: { ENVIRONMENT: "dev" },
    secrets: { DATABASE_URL: "postgresql+asyncpg://app:pw-2f6c@db/app" },
  },
  web: { image: "registry.example.com/app-web:2.1.0" },
  externalSecrets: { enabled: false },
  autoscaling: { api: { enabled: false } },
  ingress: { enabled: false },
};

/** What production asks for, its secrets by the External Secrets operator. */
export const production: StarterArgs = {
  api: {
    image: "registry.example.com/app-api:1.4.0",
    env: {
      ENVIRONMENT: "production",
      SECRETS_PROVIDER: "aws_sm",
      AUTH_KEY_STORAGE_BACKEND: "secret-manager",
      AUTH_KEY_STORAGE_PROVIDER: "aws_sm",
      AUTH_KEY_SECRET_NAME: "prod/keyset",
    },
  },
  web: { image: "registry.example.com/app-web:2.1.0" },
  externalSecrets: {
    secretStoreRef: { name: "platform-secrets" },
    api: {
      data: {
        DATABASE_URL: "prod/database_url",
        REDIS_URL: "prod/redis_url",
        SECRET_KEY: "prod/secret_key",
        AUTH_PASSWORD_PEPPER: { key: "prod/peppers", property: "password" },
        AUTH_REFRESH_TOKEN_PEPPER: { key: "prod/peppers", property: "refresh" },
      },
    },
  },
  ingress: { hosts: [{ host: "app.example.com" }], tls: [{ secretName: "app-tls", hosts: ["app.example.com"] }] },
};

export const planned = (args: StarterArgs, name = "starter") => plan(() => new Starter(name, args));
export const names = (resources: readonly Planned[]) => resources.map(({ name }) => name);

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
/** Options with a few of them changed, however deep; what is changed to undefined is left out. */
export function given<Of>(base: Of, changes: unknown): Of {
  if (!isMap(base) || !isMap(changes)) return changes as Of;
  const changed = Object.entries(changes).map(([key, value]) => [key, given(base[key], value)] as const);
  return Object.fromEntries(Object.entries({ ...base, ...Object.fromEntries(changed) }).filter(([, value]) => value !== undefined)) as Of;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export const containerOf = (resources: readonly Planned[], name: string) =>
  at(named(resources, name), "spec.template.spec.containers.0") as Record<string, unknown>;

/** Variables of a container, `name=value`, or `name=<secret>/key` for those of a Secret; each name at most once. */
export function variables(resources: readonly Planned[], name: string): Record<string, string> {
  const all = (containerOf(resources, name)["env"] as Variable[]).map(({ name, value, valueFrom }) => {
    const from = valueFrom?.secretKeyRef;
    return [name, from ? `<${from.name}>/${from.key}` : String(value)] as const;
  });
  const twice = all.map(([name]) => name).filter((name, index, names) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`${twice.join(", ")} stands twice among the variables of ${name}`);
  return Object.fromEntries(all);
}
