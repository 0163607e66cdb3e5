import { Postgres, Redis } from "../components/backing";
import { Starter, type StarterArgs } from "../components/starter";
import { StarterChart } from "../components/starter/chart";
import { keepsKeyFiles } from "../components/starter/source-options";
import { secretOf, withOwnSecret, type StarterSection } from "../config";
import { servedBy, type Deployed, type LayerContext } from "./layer";
import { keptClaims, limit, sharedNamespace } from "./namespace";

const NAME = "starter";

/** Layer `starter`: its namespace, the data services that its section asks for, and the starter with what they give it. */
export function deployStarter(context: LayerContext, section: StarterSection): Deployed {
  const { backing, namespace: wanted, api, web, worker, quota, chart, ...options } = section;
  const holdsData = backing.postgres !== undefined || backing.redis !== undefined || keepsKeyFiles(section);
  const { namespace, kept } = sharedNamespace(NAME, context, wanted, holdsData);
  const before = [...context.operators, ...limit(NAME, namespace, quota, { provider: context.provider })];
  const opts = { provider: context.provider, dependsOn: before };

  const postgres = backing.postgres && new Postgres(`${NAME}-postgres`, { ...backing.postgres, namespace }, opts);
  const redis = backing.redis && new Redis(`${NAME}-redis`, { ...backing.redis, namespace }, opts);
  const services = [postgres, redis].filter((service) => service !== undefined);

  const set = {
    ...(postgres && { DATABASE_URL: postgres.url("postgresql+asyncpg") }),
    ...(redis && { REDIS_URL: redis.urlWithPassword() }),
  };
  const secretsOf = (component: "api" | "worker") => ({
    ...valuesOf(section[component].secrets),
    ...(withOwnSecret(section).includes(component) && set),
  });
  const args: Omit<StarterArgs, "transform"> = {
    ...options,
    namespace: { create: false, name: namespace },
    api: { ...api, secrets: secretsOf("api") },
    web: { ...web, secrets: valuesOf(web.secrets) },
    worker: { ...worker, secrets: secretsOf("worker") },
    connectsTo: services.map(({ reachable }) => reachable),
  };
  // the migration needs a database that answers
  const after = { ...opts, dependsOn: [...before, ...services] };
  const starter = chart ? new StarterChart(NAME, { ...args, chart }, after) : new Starter(NAME, args, after);

  const { url, apiUrl, hostUrls, apiHostUrls, webService, apiService, keyClaim, address } = starter;
  return {
    outputs: { url, apiUrl, hosts: hostUrls, apiHosts: apiHostUrls, namespace: starter.namespace, webService, apiService },
    served: [hostUrls, apiHostUrls].map((urls) => servedBy(section.ingress, urls, address)),
    kept: [...kept, ...keptClaims(namespace, [...services.map(({ claim }) => claim), ...(keyClaim ? [keyClaim] : [])])],
  };
}

/** The values of the secrets that a component's variables name. */
const valuesOf = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([variable, name]) => [variable, secretOf(name)]));
