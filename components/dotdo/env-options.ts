import * as z from "zod";
import { Positive } from "../kubernetes/options";

/** Variables that the component sets itself, or from the Secret, with what to use instead. */
const RESERVED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["SERVICE_NAME", "HEADLESS_SERVICE", "SERVICE_PORT", "RPC_PORT", "POD_NAME", "POD_IP", "POD_NAMESPACE", "HOME"].map((name) => [
      name,
      "it is set by the component",
    ]),
  ),
  TURSO_TOKEN: "give the secret tursoToken",
  R2_ACCESS_KEY: "give the secret r2AccessKey",
  R2_ACCESS_KEY_ID: "give the secret r2AccessKey",
  R2_SECRET_KEY: "give the secret r2SecretKey",
  R2_SECRET_ACCESS_KEY: "give the secret r2SecretKey",
  REDIS_PASSWORD: "give the secret redisPassword",
  API_KEY: "give the secret apiKey",
};

/** Variables with the addresses of what holds dotdo's state, which all of its homes have in common. */
export const ADDRESSES = ["TURSO_URL", "R2_ENDPOINT", "REDIS_URL"] as const;

const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?<user>[^@/?#]*@)?(?<host>\[[^\]]*\]|[^:/?#]+)/i;

/** Why an address cannot be given to another home of dotdo; nothing where it can. */
export function whyNotShared(address: string): string | undefined {
  const { user, host = "" } = HOST.exec(address)?.groups ?? {};
  if (user !== undefined) return "has a user or password in it, which would stand in clear";
  const inCluster = !/[.:]/.test(host) || /\.(svc|local|internal)$|\.svc\./.test(host) || /^(127\.|\[::1\])/.test(host);
  return inCluster ? "is known inside one cluster only" : undefined;
}

const url = (description: string) =>
  z
    .string()
    .default("")
    .meta({ description: `${description} Empty: not set.` });
const milliseconds = (value: number, description: string) =>
  Positive.default(value).meta({ description: `${description}, in milliseconds.` });

/** Variables of the container; any further one may stand beside those named here. */
export const Env = z
  .object({
    NODE_ENV: z.string().default("production").meta({ description: "Node.js environment." }),
    LOG_LEVEL: z.string().default("info").meta({ description: "Least severe message that is logged." }),
    TURSO_URL: url("Address of the libSQL/Turso database."),
    R2_ENDPOINT: url("Address of the S3-compatible store."),
    R2_BUCKET: url("Bucket for Iceberg data."),
    REDIS_URL: url("Address of Redis, for calls across pods."),
    DO_MAX_CONCURRENT: Positive.default(1000).meta({ description: "Most Durable Objects a pod holds at a time." }),
    DO_IDLE_TIMEOUT: milliseconds(60000, "Time until an idle Durable Object is let go"),
    DO_RPC_TIMEOUT: milliseconds(30000, "Time until a call between objects fails"),
    CLOUDFLARE_INCLUDE_PROCESS_ENV: z
      .string()
      .default("true")
      .meta({ description: "Lets wrangler hand the container's variables on to the worker; without it none of the others arrive there." }),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()], { error: "is no value of a variable: write text, a number, true or false" }))
  .superRefine((env, context) => {
    for (const name of Object.keys(env)) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        context.addIssue({ code: "custom", path: [name], message: `"${name}" is no name of a variable: use letters, digits and _` });
      } else if (RESERVED[name]) {
        context.addIssue({ code: "custom", path: [name], message: `${name} cannot be set here: ${RESERVED[name]}` });
      }
    }
  })
  .prefault({})
  .meta({ description: "Variables of the container; further ones as needed." });
