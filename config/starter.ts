import * as z from "zod";
import { PostgresOptions, RedisOptions } from "../components/backing/options";
import { starterChartRefusals, StarterChartSource } from "../components/starter/chart-options";
import { problemsOf } from "../components/starter/contract-options";
import { Variable } from "../components/starter/secret-options";
import { StarterShape } from "../components/starter/shape-options";
import { isGated } from "../components/starter/source-options";
import { Quota } from "./quota";
import { SecretName } from "./secret-name";

const Secrets = z
  .record(Variable, SecretName)
  .default({})
  .meta({ description: "Variables that are secret, while externalSecrets.enabled is false: name to a key of stackyard:secrets." });

const Backing = z
  .strictObject({
    postgres: PostgresOptions.optional().meta({ description: "Postgres. Sets DATABASE_URL." }),
    redis: RedisOptions.optional().meta({ description: "Redis. Sets REDIS_URL." }),
  })
  .prefault({})
  .meta({ description: "Data services deployed beside the starter, for development: one pod each, no backup. `{}` takes all defaults." });

/** Variable that each data service sets, for the API and for a worker with secrets of its own, so that nobody else may. */
const SET_BY = { postgres: "DATABASE_URL", redis: "REDIS_URL" } as const;
const SERVICES = Object.keys(SET_BY) as (keyof typeof SET_BY)[];

const { api, web, worker } = StarterShape.shape;
const Shape = StarterShape.extend({
  api: api.extend({ secrets: Secrets }).meta(api.meta() ?? {}),
  web: web.extend({ secrets: Secrets }).meta(web.meta() ?? {}),
  worker: worker
    .unwrap()
    .extend({ secrets: Secrets })
    .prefault({})
    .meta(worker.meta() ?? {}),
  quota: Quota.optional(),
  backing: Backing,
  chart: StarterChartSource,
});

type Shape = z.output<typeof Shape>;

/** Components whose Secret gets what the data services set: the worker reads the API's, unless secrets of its own make it another. */
export const withOwnSecret = ({ worker }: Pick<Shape, "worker">): ("api" | "worker")[] =>
  Object.keys(worker.secrets).length > 0 ? ["api", "worker"] : ["api"];

/** Section `stackyard:starter`: the options of the starter, the names of its secrets, and the data services beside it. */
export const StarterSection = Shape.superRefine(({ backing, chart, ...options }, context) => {
  const wrong = (path: string[], message: string, instead?: string[] | null) =>
    context.addIssue({ code: "custom", path, message, params: instead === undefined ? {} : { remedy: "remove", instead } });
  const { externalSecrets } = options;
  const services = SERVICES.filter((service) => backing[service] !== undefined);
  const set = externalSecrets.enabled ? {} : Object.fromEntries(services.map((service) => [SET_BY[service], service]));
  const complete = { ...options };
  for (const component of withOwnSecret(options)) {
    const { secrets } = options[component];
    for (const service of services.filter((service) => Object.hasOwn(secrets, SET_BY[service])))
      wrong([component, "secrets", SET_BY[service]], `is set by backing.${service}: leave one of them out`, null);
    Object.assign(complete, { [component]: { ...options[component], secrets: { ...secrets, ...set } } });
  }
  for (const service of externalSecrets.enabled ? services : [])
    wrong(["backing", service], "would stand unused while externalSecrets.enabled is true: leave one of them out", null);
  if (backing.redis && isGated(options.api.env))
    wrong(["backing", "redis"], "speaks no TLS, without which ENVIRONMENT does not start: name another in api.secrets.REDIS_URL", null);
  for (const { path, message, instead } of problemsOf(complete)) wrong(path, message, instead);
  for (const { path, message, remedy } of chart ? starterChartRefusals(complete) : [])
    context.addIssue({ code: "custom", path, message, params: { remedy } });
}).meta({ description: "The SaaS starter: its options, the names of its secrets, and the data services beside it." });

export type StarterSection = z.output<typeof StarterSection>;
