import type { z } from "zod";
import type { exposure } from "./options";

/** Which edge serves a system, and what that edge cannot honour. */

type Shape = ReturnType<typeof exposure>;
type Options = Omit<z.output<z.ZodObject<Shape>>, "hosts" | "tls" | "clusterIssuer">;
/** @param params `REMOVE` where taking the option out mends it */
type Wrong = (path: (string | number)[], message: string, params?: typeof REMOVE) => void;

/** What tells a stack's config to name the command that takes the option out. */
export const REMOVE = { remedy: "remove" } as const;

/** A Gateway, ingress-nginx, or an Ingress whose controller does not know ingress-nginx's annotations. */
export type Edge = "gateway" | "nginx" | "other";

export const edgeFor = ({ gateway, className, controller }: Pick<Options, "className" | "controller" | "gateway">): Edge =>
  gateway !== undefined ? "gateway" : (controller ?? (className === "nginx" ? "nginx" : "other"));

export const NGINX = "nginx.ingress.kubernetes.io";

/**
 * Why an option cannot be honoured by the class of an Ingress, and the ways out.
 *
 * @param instead a way out of the option's own
 */
export const needsNginx = (what: string, className: string, instead: string): string =>
  `${what} needs an annotation of ingress-nginx, which class "${className}" is not known to read: set ingress.controller to nginx if ingress-nginx serves it, name a Gateway in ingress.gateway, or ${instead}`;

/** What only annotations of ingress-nginx say. */
const BY_ANNOTATION = ["sslRedirect", "bodySize", "readTimeoutSeconds", "sendTimeoutSeconds"] as const;

/** Envoy Gateway keeps the limit in 32 bits. */
const LARGEST_BODY = 2 ** 32 - 1;
/** Gateway API writes durations with at most five digits (`^([0-9]{1,5}(h|m|s|ms)){1,4}$`). */
const LONGEST_TIMEOUT = 99_999;

const FACTORS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
/** Bytes of a size as nginx writes it. */
export const bytesOf = (size: string): number => Number.parseInt(size) * (FACTORS[size.at(-1) ?? ""] ?? 1);

/**
 * Refuses options that the edge would leave unheeded. An option at its default asks for nothing: a class that is not ingress-nginx's
 * keeps the limits of its controller then.
 */
export const edgeCheck =
  (shape: Pick<Shape, (typeof BY_ANNOTATION)[number]>) =>
  (options: Options, context: z.RefinementCtx): void => {
    if (!options.enabled) return;
    const wrong: Wrong = (path, message, params) => context.addIssue({ code: "custom", path, message, params });
    const edge = edgeFor(options);
    if (edge === "gateway") checkGateway(options, wrong);
    if (edge !== "other") return;
    const { className, annotations } = options;
    for (const option of BY_ANNOTATION.filter((option) => options[option] !== shape[option].parse(undefined))) {
      wrong([option], needsNginx(`"${options[option]}"`, className, "leave it out and set it at the controller"), REMOVE);
    }
    for (const key of Object.keys(annotations).filter((key) => key.startsWith(`${NGINX}/`))) {
      wrong(["annotations", key], needsNginx("it", className, "take it out"), REMOVE);
    }
  };

function checkGateway(options: Options, wrong: Wrong): void {
  const { className, controller, annotations, bodySize, readTimeoutSeconds: read, sendTimeoutSeconds: send } = options;
  const ofIngress = "is for an Ingress, and ingress.gateway names what serves instead of one: take one of them out";
  if (className !== "nginx") wrong(["className"], `"${className}" ${ofIngress}`, REMOVE);
  if (controller !== undefined) wrong(["controller"], `"${controller}" ${ofIngress}`, REMOVE);
  if (Object.keys(annotations).length > 0) {
    wrong(["annotations"], `${Object.keys(annotations).join(", ")}: an annotation ${ofIngress}`, REMOVE);
  }
  if (bytesOf(bodySize) > LARGEST_BODY) {
    wrong(["bodySize"], `"${bodySize}" is more than Envoy Gateway can limit to: write at most 4095m, or 0 for no limit`);
  }
  if (read !== send) {
    wrong(
      ["sendTimeoutSeconds"],
      `${send} is not ingress.readTimeoutSeconds, which is ${read}: Envoy has one idle timeout for both directions, so set both to the same`,
    );
  } else if (read > LONGEST_TIMEOUT) {
    wrong(["readTimeoutSeconds"], `${read} is more than a Gateway's timeouts can be: write at most ${LONGEST_TIMEOUT}`);
  }
}

/** Refuses what Gateway API has no kind of path for. */
export const checkPaths = (
  { enabled, gateway, hosts }: Pick<Options, "enabled" | "gateway"> & Pick<z.output<z.ZodObject<Shape>>, "hosts">,
  context: z.RefinementCtx,
): void => {
  if (!enabled || gateway === undefined) return;
  hosts.forEach(({ paths }, host) =>
    paths.forEach(({ pathType }, path) => {
      if (pathType !== "ImplementationSpecific") return;
      context.addIssue({
        code: "custom",
        path: ["hosts", host, "paths", path, "pathType"],
        message: `"${pathType}" is for an Ingress; a Gateway compares by Prefix or Exact: write one of these`,
      });
    }),
  );
};
