import type { Share } from "../kubernetes/gateway-routes";

/**
 * Which pod a request goes to (seed 000, "Routing Strategy"): by the header X-DO-ID, and by the URI only where that is absent.
 * Not by both joined, which scatters one object over all pods, and not by a cookie, which overrides the hash.
 */

export const ID_HEADER = "X-DO-ID";

/**
 * The same on a Gateway, by two HTTPRoutes with a policy each: one policy has no second choice. `:path` is the pseudo-header of the
 * request, path and query as nginx's $request_uri has them.
 */
export const SHARES: readonly Share[] = [
  { suffix: "", hashBy: ":path" },
  { suffix: "-by-id", header: ID_HEADER, hashBy: ID_HEADER },
];

/** nginx variables that requests are hashed by. */
export const BY_ID = "$http_x_do_id";
export const BY_URI = "$request_uri";
export const BY_EITHER = "$dotdo_hash_key";

/**
 * nginx's definition of BY_EITHER, for the `http` block. On an ingress-nginx it belongs into `http-snippet` of the controller's ConfigMap.
 * Without it the controller takes the variable for empty, says nothing, and sends every request to one and the same pod.
 */
export const hashKeyMap = (): string => `map ${BY_ID} ${BY_EITHER} {
  default ${BY_ID};
  ""      ${BY_URI};
}
`;
