import { strict as assert } from "node:assert";

/**
 * What a Gateway does with a request, decided from the objects alone by the rules of Gateway API (listeners by host name; precedence of
 * HTTPRouteMatch) and of Envoy Gateway (a policy of a rule before one of its route).
 */

interface Named {
  readonly metadata: { readonly name: string };
}
interface Parent {
  readonly kind: string;
  readonly name: string;
  readonly port?: number;
}
interface Match {
  readonly path: { readonly type: string; readonly value: string };
  readonly headers?: readonly { readonly type: string; readonly name: string; readonly value: string }[];
}
interface Rule {
  readonly name: string;
  readonly matches: readonly Match[];
  readonly filters?: readonly {
    readonly type: string;
    readonly requestRedirect?: { readonly scheme: string; readonly statusCode: number };
  }[];
  readonly backendRefs?: readonly { readonly name: string; readonly port: number }[];
}
export interface HttpRoute extends Named {
  readonly kind: "HTTPRoute";
  readonly spec: { readonly parentRefs: readonly Parent[]; readonly hostnames?: readonly string[]; readonly rules: readonly Rule[] };
}
export interface TrafficPolicy extends Named {
  readonly kind: "BackendTrafficPolicy";
  readonly spec: {
    readonly targetRefs: readonly { readonly name: string; readonly sectionName?: string }[];
    readonly loadBalancer?: {
      readonly type: string;
      readonly consistentHash: { readonly headers: readonly { readonly name: string }[]; readonly tableSize: number };
    };
    readonly timeout: { readonly http: Readonly<Record<string, string>> };
    readonly requestBuffer?: { readonly limit: string };
  };
}
export interface ListenerSet extends Named {
  readonly kind: "ListenerSet";
  readonly spec: { readonly listeners: readonly { readonly hostname: string; readonly port: number }[] };
}
export type EdgeObject = HttpRoute | TrafficPolicy | ListenerSet | (Named & { readonly kind: "Certificate"; readonly spec: unknown });

export interface Request {
  readonly port: 80 | 443;
  readonly host: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A rule that serves a request, and the policies that hold for it: more than one would contend. */
export interface Meeting {
  readonly route: string;
  readonly rule: Rule;
  readonly policies: readonly TrafficPolicy[];
}

/** How exactly a pattern names a host: the more, the more exactly; undefined where it does not. */
const exactness = (host: string, pattern: string | undefined): number | undefined => {
  if (pattern === undefined) return 0;
  if (pattern === host) return 1000;
  return pattern.startsWith("*.") && host.endsWith(pattern.slice(1)) ? pattern.length : undefined;
};

const fitsPath = (path: string, { type, value }: Match["path"]): boolean => {
  if (type === "Exact") return path === value;
  const prefix = value.replace(/\/$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
};
const fitsHeaders = (headers: Readonly<Record<string, string>>, wanted: Match["headers"] = []): boolean =>
  wanted.every(({ type, name, value }) => {
    const given = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    if (given === undefined) return false;
    if (type === "Exact") return given === value;
    const [, flags = "", pattern = ""] = /^(?:\(\?(i)\))?(.*)$/.exec(value) ?? [];
    return new RegExp(`^(?:${pattern})$`, flags).test(given); // Envoy compares the whole value
  });

/** Keeps those that come first in all of the orders, one after the other. */
const first = <Item>(items: readonly Item[], ...orders: ((item: Item) => number)[]): readonly Item[] =>
  orders.reduce((left, order) => {
    const best = Math.max(...left.map(order));
    return left.filter((item) => order(item) === best);
  }, items);

/** Every rule that comes first for the request: none where it is not served, several where it is not decided which one serves it. */
export function meetingsOf(objects: readonly EdgeObject[], { port, host, path, headers = {} }: Request): Meeting[] {
  const [bare = ""] = path.split("?");
  const own = objects.flatMap((object) => (object.kind === "ListenerSet" ? [object] : []));
  // the Gateway's own listener for plain HTTP is for any host; on 443 it has none
  const listeners = [
    ...(port === 80 ? [{ parent: "Gateway", exact: 0 }] : []),
    ...own.flatMap(({ metadata, spec }) =>
      spec.listeners
        .filter((listener) => listener.port === port)
        .flatMap(({ hostname }) => {
          const exact = exactness(host, hostname);
          return exact === undefined ? [] : [{ parent: metadata.name, exact }];
        }),
    ),
  ];
  const [listener] = first(listeners, ({ exact }) => exact);
  if (listener === undefined) return [];
  const attached = ({ spec }: HttpRoute): boolean =>
    spec.parentRefs.some(({ kind, name, port: only }) => {
      const same = listener.parent === "Gateway" ? kind === "Gateway" : kind === "ListenerSet" && name === listener.parent;
      return same && (only === undefined || only === port);
    });

  const hosted = objects
    .flatMap((object) => (object.kind === "HTTPRoute" && attached(object) ? [object] : []))
    .flatMap((route) =>
      (route.spec.hostnames ?? [undefined]).flatMap((hostname) => {
        const exact = exactness(host, hostname);
        return exact === undefined ? [] : [{ route, exact }];
      }),
    );
  // Envoy looks no further than the virtual host that names the host most exactly
  const candidates = first(hosted, ({ exact }) => exact)
    .flatMap(({ route }) => route.spec.rules.flatMap((rule) => rule.matches.map((match) => ({ route, rule, match }))))
    .filter(({ match }) => fitsPath(bare, match.path) && fitsHeaders(headers, match.headers));
  const best = first(
    candidates,
    ({ match }) => (match.path.type === "Exact" ? 1 : 0),
    ({ match }) => match.path.value.length,
    ({ match }) => match.headers?.length ?? 0,
  );
  return best.map(({ route, rule }) => ({
    route: route.metadata.name,
    rule,
    policies: policiesOf(objects, route.metadata.name, rule.name),
  }));
}

const policiesOf = (objects: readonly EdgeObject[], route: string, rule: string): TrafficPolicy[] => {
  const policies = objects.flatMap((object) => (object.kind === "BackendTrafficPolicy" ? [object] : []));
  const targeting = (section: string | undefined) =>
    policies.filter(({ spec }) => spec.targetRefs.some(({ name, sectionName }) => name === route && sectionName === section));
  const ofRule = targeting(rule);
  return ofRule.length > 0 ? ofRule : targeting(undefined);
};

/** What decides on the pod: the headers' names; nothing where any pod will do. */
export const hashOf = ({ spec }: TrafficPolicy): string =>
  (spec.loadBalancer?.consistentHash.headers ?? []).map(({ name }) => name).join("+");

/** A host of each kind: over HTTPS, with more exact ones beside it, and with paths of its own. */
export const HOSTS = [
  { host: "do.example.com" },
  { host: "*.do.example.com" },
  { host: "eu.do.example.com", paths: [{ path: "/" }, { path: "/rpc" }, { path: "/health", pathType: "Exact" as const }] },
  { host: "part.example.com", paths: [{ path: "/rpc" }] },
];
const SERVED = ["do.example.com", "a.do.example.com", "eu.do.example.com", "part.example.com"];
const PATHS = ["/", "/rpc", "/rpc/7?call=1", "/rpcs", "/health", "/health/x", "/deep/er?id=1"];

export interface Decision {
  readonly request: Request;
  readonly id: string | undefined;
  readonly served: boolean;
  readonly meetings: readonly Meeting[];
}

/** 1,000 requests: with an id and without, of hosts that are served and others, of any path, some of them to begin a WebSocket. */
export function decisions(objects: readonly EdgeObject[]): Decision[] {
  return Array.from({ length: 1000 }, (_, index) => {
    const host = [...SERVED, "other.example.com", "example.com"][index % 6] ?? "";
    const path = PATHS[Math.floor(index / 6) % PATHS.length] ?? "";
    const id = [undefined, "", `object-${index % 25}`, `object-${index % 25}`][Math.floor(index / 42) % 4];
    const headers = { ...(id !== undefined && { "x-do-id": id }), ...(index % 5 === 0 && { Upgrade: "websocket" }) };
    const port = host === "do.example.com" ? 443 : 80;
    const request: Request = { port, host, path, headers };
    const inPart = /^\/rpc(\/|\?|$)/.test(path);
    const served = SERVED.includes(host) && (host !== "part.example.com" || inPart);
    return { request, id: id === "" ? undefined : id, served, meetings: meetingsOf(objects, request) };
  });
}

/** Each request that is for us meets one rule and one policy, no other meets any, and what decides on the pod is the id where there is one. */
export function assertDecided(objects: readonly EdgeObject[]): void {
  const hashes = new Map<string, Set<string>>();
  for (const { request, id, served, meetings } of decisions(objects)) {
    const said = `${JSON.stringify(request)}: ${meetings.map(({ route, rule }) => `${route} ${rule.name}`).join(", ") || "nothing"}`;
    assert.equal(meetings.length, served ? 1 : 0, said);
    for (const { policies, rule } of meetings) {
      assert.equal(policies.length, 1, `${said}: ${policies.length} policies`);
      const [policy] = policies as [TrafficPolicy];
      assert.equal(hashOf(policy), id === undefined ? ":path" : "X-DO-ID", said);
      const backends = rule.backendRefs?.map(({ name, port }) => `${name}:${port}`).join();
      const table = policy.spec.loadBalancer?.consistentHash.tableSize;
      if (id !== undefined) hashes.set(id, (hashes.get(id) ?? new Set()).add(`${hashOf(policy)} ${table} ${backends}`));
    }
  }
  assert.ok(hashes.size >= 20, `${hashes.size} ids were asked for`);
  for (const [id, ways] of hashes) assert.equal(ways.size, 1, `${id} is hashed in ${ways.size} ways: ${[...ways].join("; ")}`);
}
