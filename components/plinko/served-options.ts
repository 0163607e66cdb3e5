import { edgeFor, needsNginx, REMOVE } from "../kubernetes/edge-options";

/** What the edge of Plinko cannot honour, beside what no system's can. */

interface Ingress {
  readonly className: string;
  readonly controller?: "nginx" | "other";
  readonly gateway?: { readonly name: string; readonly namespace: string };
  readonly forceSslRedirect?: boolean;
  readonly cors: { readonly enabled: boolean; readonly origin: string };
  readonly hosts: readonly { readonly host?: string; readonly paths: readonly { readonly path: string }[] }[];
}

/** Origins that are allowed, which ingress-nginx takes as one text. */
export const originsOf = (origin: string): string[] => origin.split(",").map((one) => one.trim());

/** What Gateway API takes for an origin (CRD of HTTPRoute, version 1.6). */
const ORIGIN = /^(\*|https?:\/\/((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?)$/;

/** @param wrong reports what is wrong with the option at a path */
export function checkServed(ingress: Ingress, wrong: (path: string[], message: string, params?: typeof REMOVE) => void): void {
  const { className, forceSslRedirect, cors, hosts } = ingress;
  const edge = edgeFor(ingress);
  if (edge === "other") {
    const needs = (what: string, instead: string) => needsNginx(what, className, instead);
    if (forceSslRedirect !== undefined) wrong(["ingress", "forceSslRedirect"], needs(`"${forceSslRedirect}"`, "leave it out"), REMOVE);
    if (cors.enabled) {
      wrong(["ingress", "cors", "enabled"], needs('"true"', "set ingress.cors.enabled to false and answer CORS at the controller"));
    }
    const prefixes = hosts.flatMap(({ paths }) => paths.map(({ path }) => path)).filter((path) => !isRoot(path));
    if (prefixes.length > 0) {
      const instead = "give each service a host of its own (global.domain, or path / in ingress.hosts)";
      wrong(["ingress", "hosts"], needs(`taking ${prefixes.join(", ")} off the path`, instead));
    }
  }
  if (edge !== "gateway") return;
  if (forceSslRedirect !== undefined) {
    wrong(
      ["ingress", "forceSslRedirect"],
      `"${forceSslRedirect}" is for a certificate at a load balancer before ingress-nginx, and a Gateway would redirect for ever: leave it out, and end TLS at the Gateway (ingress.tls or global.tls)`,
      REMOVE,
    );
  }
  const unfit = cors.enabled ? originsOf(cors.origin).filter((origin) => !ORIGIN.test(origin)) : [];
  if (unfit.length > 0 || (originsOf(cors.origin).includes("*") && cors.origin !== "*")) {
    wrong(
      ["ingress", "cors", "origin"],
      `"${cors.origin}" is nothing that a Gateway can compare with: write * alone, or origins such as https://wallet.example.com or https://*.example.com, joined by commas`,
    );
  }
}

export const isRoot = (path: string): boolean => /^\/+$/.test(path);
