import type { GatewayName } from "./gateway-listeners";
import { metadataFor, namedFor } from "./gateway-names";
import type { Metadata } from "./metadata";

/** HTTPRoutes: which requests go where. */

/** Paths that lead to one Service. */
export interface Served {
  readonly paths: readonly { readonly path: string; readonly pathType?: string }[];
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Take the one path off on the way. */
  readonly stripped?: boolean;
}

/** A host and what is served there. */
export interface Site {
  /** Any host if left out. */
  readonly host?: string;
  readonly served: readonly Served[];
}

export interface Cors {
  /** As browsers write them, such as https://app.example.com; `*` is any. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds: number;
}

/** Which requests are routed how: those that carry a header, or all. */
export interface Share {
  /** End of the names of routes and policies. */
  readonly suffix: string;
  /** Header that a request must carry, not empty. */
  readonly header?: string;
  /** Header that decides on the pod, by a consistent hash; `:path` is path and query. Any pod if left out. */
  readonly hashBy?: string;
}

const GATEWAY_API = "gateway.networking.k8s.io";

/** Listeners of the Gateway itself for plain HTTP. */
export const plainHttp = (gateway: GatewayName) => ({ group: GATEWAY_API, kind: "Gateway", ...gateway, port: 80 });
/** All listeners of the system's own. */
export const ownListeners = (name: string) => ({ group: GATEWAY_API, kind: "ListenerSet", name });
type Parent = ReturnType<typeof plainHttp> | ReturnType<typeof ownListeners>;

/** Headers that requests must have, and what their whole value must be like. */
type Headers = readonly (readonly [name: string, value: string])[];

const WEBSOCKET: Headers = [["Upgrade", "(?i)websocket"]];

const matchesOf = ({ paths }: Served, headers: Headers) =>
  paths.map(({ path, pathType }) => ({
    path: { type: pathType === "Exact" ? "Exact" : "PathPrefix", value: path },
    ...(headers.length > 0 && { headers: headers.map(([name, value]) => ({ type: "RegularExpression", name, value })) }),
  }));

const filtersOf = ({ paths, stripped }: Served, cors?: Cors) => [
  ...(stripped === true && paths[0]?.path !== "/"
    ? [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } }]
    : []),
  ...(cors === undefined
    ? []
    : [
        {
          type: "CORS",
          cors: {
            allowOrigins: [...cors.origins],
            allowMethods: [...cors.methods],
            allowHeaders: [...cors.headers],
            exposeHeaders: [...cors.exposed],
            maxAge: cors.maxAgeSeconds,
          },
        },
      ]),
];

/** Rules that a limit of the body is for. */
export const LIMITED = "requests";

interface Serving {
  readonly parents: readonly Parent[];
  readonly cors?: Cors;
  /** Whether bodies are limited. Envoy does so by holding them back whole, and lets no WebSocket begin there: those get rules of their own. */
  readonly limited: boolean;
}

/** The requests of one share on one host. */
export const routeOf = (metadata: Metadata, { suffix, header }: Share, { host, served }: Site, { parents, cors, limited }: Serving) => {
  const headers: Headers = header === undefined ? [] : [[header, ".+"]];
  const ruleOf = (to: Served, name: string, further: Headers) => {
    const filters = filtersOf(to, cors);
    return {
      name,
      matches: matchesOf(to, [...headers, ...further]),
      ...(filters.length > 0 && { filters }),
      backendRefs: [{ group: "", kind: "Service", name: to.service, port: to.port, weight: 1 }],
    };
  };
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "HTTPRoute",
    metadata: metadataFor(metadata, namedFor(`${metadata.name}${suffix}`, host)),
    spec: {
      parentRefs: parents,
      ...(host !== undefined && { hostnames: [host] }),
      rules: served.flatMap((to, index) => [
        ...(limited ? [ruleOf(to, `websockets-${index}`, WEBSOCKET)] : []),
        ruleOf(to, `${LIMITED}-${index}`, []),
      ]),
    },
  };
};

/** Sends what comes by plain HTTP to HTTPS, as ingress-nginx does: with 308, which keeps method and body. */
export const redirectOf = (metadata: Metadata, gateway: GatewayName, host: string) => ({
  apiVersion: `${GATEWAY_API}/v1`,
  kind: "HTTPRoute",
  metadata: metadataFor(metadata, namedFor(`${metadata.name}-redirect`, host)),
  spec: {
    parentRefs: [plainHttp(gateway)],
    hostnames: [host],
    rules: [
      {
        name: "redirect",
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 308 } }],
      },
    ],
  },
});
