import type { V1HTTPGetAction, V1Ingress, V1Service } from "@kubernetes/client-node";
import { describe, failed, passed, skipped, worst, type Check, type World } from "../check";
import { isPlayed, PLAYED, podsIn } from "../pods";
import { addressOf, type Edge } from "./edge";

type Entrance = V1Ingress | Edge;

interface Way {
  readonly scheme: "http" | "https";
  /** Nothing stands for every host. */
  readonly host?: string;
}

const isRoute = (entrance: Entrance): entrance is Edge => entrance.spec !== undefined && "parentRefs" in entrance.spec;

/** How clients come in, by whatever host they are led by. Wildcards stand for no host that could be asked for. */
function waysOf(entrance: Entrance): Way[] {
  const ways = isRoute(entrance) ? waysOfRoute(entrance) : waysOfIngress(entrance);
  return ways.filter(({ host }) => !host?.startsWith("*"));
}

function waysOfRoute({ spec }: Edge): Way[] {
  const { hostnames = [], parentRefs = [] } = spec ?? {};
  const scheme = parentRefs.some(({ kind }) => kind === "ListenerSet") ? "https" : "http";
  return hostnames.map((host) => ({ host, scheme }));
}

function waysOfIngress({ spec }: V1Ingress): Way[] {
  const { rules = [], tls = [] } = spec ?? {};
  const isSecure = (host?: string) => tls.some(({ hosts = [] }) => host !== undefined && hosts.includes(host));
  return [...new Set(rules.map(({ host }) => host))].map((host) => ({ host, scheme: isSecure(host) ? "https" : "http" }));
}

/** Service that an entrance leads to first. */
const backendOf = (entrance: Entrance): string | undefined =>
  isRoute(entrance) ? entrance.spec?.rules?.[0]?.backendRefs?.[0]?.name : entrance.spec?.rules?.[0]?.http?.paths[0]?.backend.service?.name;

/** What the pods behind an entrance are asked by whoever looks after them; nothing where they are not asked by HTTP. */
async function probeBehind(entrance: Entrance, world: World): Promise<V1HTTPGetAction | undefined> {
  const { namespace } = entrance.metadata ?? {};
  const name = backendOf(entrance);
  const service = name && (await world.get<V1Service>({ apiVersion: "v1", kind: "Service", namespace, name }));
  const wanted = Object.entries((service && service.spec?.selector) || {});
  const behind = (await podsIn(world, namespace)).find(({ metadata }) => wanted.every(([key, value]) => metadata?.labels?.[key] === value));
  return behind?.spec?.containers.find(({ readinessProbe }) => readinessProbe?.httpGet)?.readinessProbe?.httpGet;
}

export const reachable: Check<Entrance> = {
  id: "reachable",
  title: "hosts answer from outside",
  source: ["plinko-15", "starter-3"],
  kinds: ["Ingress", "HTTPRoute"],
  async check({ live, deployed: { namespace } }, world) {
    const ways = waysOf(live);
    if (ways.length === 0) return undefined;
    if ((await podsIn(world, namespace)).some(isPlayed)) return skipped(PLAYED);
    const address = await addressOf(live, world);
    if (address === undefined) return failed("has no address to be reached under");
    const probe = await probeBehind(live, world);
    const answers = ways.map(async ({ scheme, host = address }) => {
      const url = `${scheme}://${host}${probe?.path ?? "/"}`;
      try {
        const status = await world.reach(url, address);
        // a program that is asked nothing by HTTP may answer what it likes, as long as it is there
        const fine = probe ? status < 400 : status < 500 && status !== 404;
        return fine ? passed(`${url} ${status}`) : failed(`${url} is answered with ${status}`);
      } catch (error) {
        return failed(`${url} under ${address}: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return worst(await Promise.all(answers));
  },
  next: describe,
};
