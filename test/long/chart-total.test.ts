import { strict as assert } from "node:assert";
import type { z } from "zod";
import { DotdoChart, type DotdoChartArgs } from "../../components/dotdo/chart";
import { DotdoOptions } from "../../components/dotdo/options";
import { FluxionDbChart, type FluxionDbChartArgs } from "../../components/fluxiondb/chart";
import { FluxionDbOptions } from "../../components/fluxiondb/options";
import { PlinkoChart, type PlinkoChartArgs } from "../../components/plinko/chart";
import { PlinkoOptions } from "../../components/plinko/options";
import { StarterChart, type StarterChartArgs } from "../../components/starter/chart";
import { StarterShape } from "../../components/starter/shape-options";
import { dotdo, fluxiondb, plinko, plinkoOptions, starter, starterExternal } from "../unit/chart-given";
import { at, fateOf, leavesOf, other } from "./chart-leaves";

interface Case {
  /** A value where none could be guessed. */
  readonly value?: unknown;
  /** What has to be set with it, for what the options ask of each other. */
  readonly beside?: unknown;
  /** What has to be changed along with it. */
  readonly along?: unknown;
  /** Group that can only be set as a whole. */
  readonly group?: string;
  /** Only the options' own checks read it, in the component of single objects, too. */
  readonly checked?: true;
  /** The other value is what the chart does anyway. */
  readonly anyway?: true;
}

const gateway = { group: "ingress.gateway", value: { name: "edge", namespace: "edge" } };
const plinkoHosts = [{ host: "plinko.example.com", paths: [{ path: "/", service: "rabby-wallet" }] }];
const elsewhere = { className: "custom", controller: "other" };
const ofEdge: Readonly<Record<string, Case>> = {
  "ingress.gateway.name": gateway,
  "ingress.gateway.namespace": gateway,
  "ingress.controller": { beside: { ingress: elsewhere }, value: "nginx" },
  "ingress.className": { along: { ingress: { controller: "nginx" } } },
};

/** Amounts that requests and limits allow beside each other. */
const AMOUNTS: Readonly<Record<string, string>> = {
  "requests.cpu": "11m",
  "requests.memory": "65Mi",
  "limits.cpu": "7",
  "limits.memory": "7Gi",
};
const amountOf = (path: string) => Object.entries(AMOUNTS).find(([end]) => path.endsWith(end))?.[1];

interface Subject<Args extends object> {
  readonly schema: z.ZodType;
  readonly defaults: unknown;
  readonly base: (path: string) => Args;
  readonly make: (args: Args) => unknown;
  readonly cases: Readonly<Record<string, Case>>;
}

/** Every option is either in what is planned, or an error names it. */
async function assertTotal<Args extends object>({ schema, defaults, base, make, cases }: Subject<Args>): Promise<void> {
  const wrong: string[] = [];
  for (const { path, schema: leaf } of leavesOf(schema)) {
    const { group = path, beside, along, checked, anyway, ...given } = cases[path] ?? {};
    const args = base(path);
    const value = given.value ?? amountOf(path) ?? other(leaf, at(args, path) ?? at(defaults, path));
    if (checked || leaf.const !== undefined) continue;
    if (value === undefined) wrong.push(`${path}: no other value is known, add it to the cases`);
    else {
      const fate = await fateOf({ base: args, make }, { path: group, value, beside, along }).catch((error: Error) => error.message);
      if (anyway && fate === "nothing") continue;
      if (fate !== "mapped" && fate !== "refused") wrong.push(`${path}: ${fate === "nothing" ? "is dropped without a word" : fate}`);
    }
  }
  assert.deepEqual(wrong, []);
}

describe("what a chart makes of each option", function () {
  this.timeout("3m");

  it("of dotdo: its values, an object beside it, or an error", () =>
    assertTotal({
      schema: DotdoOptions,
      defaults: DotdoOptions.parse({ image: { tag: "1" } }),
      base: () => dotdo,
      make: (args: DotdoChartArgs) => new DotdoChart("dotdo", args),
      cases: {
        ...ofEdge,
        "linkerd.cni": { checked: true },
        "fly.primaryRegion": { value: "lax" },
        "fly.clusterRegion": { value: "lax" },
        "fly.regions": { value: ["iad"] },
        "ingress.controller": { beside: { ingress: { ...elsewhere, routing: "none" } }, value: "nginx" },
        "ingress.hosts": { along: { ingress: { tls: [] } } },
        "podDisruptionBudget.minAvailable": { value: "30%" },
        "service.port": { value: 8790 },
        "service.targetPort": { value: 8790 },
        "service.rpcPort": { value: 8790 },
      },
    }));

  it("of FluxionDB", () =>
    assertTotal({
      schema: FluxionDbOptions,
      defaults: FluxionDbOptions.parse({ user: "alice", ram: "1Gi", image: { tag: "1" } }),
      base: () => fluxiondb,
      make: (args: FluxionDbChartArgs) => new FluxionDbChart("alice", args),
      cases: {
        ...ofEdge,
        "ingress.controller": { beside: { ingress: { ...elsewhere, accessLog: "without-query" } }, value: "nginx" },
        "ingress.gateway.name": { ...gateway, along: { ingress: { accessLog: "without-query" } } },
        "ingress.gateway.namespace": { ...gateway, along: { ingress: { accessLog: "without-query" } } },
        "ingress.accessLog": { checked: true },
        "secret.create": { checked: true },
        "secret.name": { along: { apiKey: undefined } },
        "service.type": { along: { networkPolicy: { clients: "anywhere" } } },
      },
    }));

  it("of Plinko", () =>
    assertTotal({
      schema: PlinkoOptions,
      defaults: PlinkoOptions.parse(plinkoOptions),
      base: () => plinko,
      make: (args: PlinkoChartArgs) => new PlinkoChart("plinko", args),
      cases: {
        ...ofEdge,
        "ingress.controller": { beside: { ingress: { ...elsewhere, cors: { enabled: false }, hosts: plinkoHosts } }, value: "nginx" },
        "plinkoUpdateService.startupProbe.enabled": { anyway: true },
      },
    }));

  it("of the starter", () =>
    assertTotal({
      schema: StarterShape,
      defaults: StarterShape.parse({ api: { image: "a:1" }, web: { image: "a:1" }, ingress: { hosts: [{ host: "a.example.com" }] } }),
      base: (path) => (path.startsWith("externalSecrets") ? starterExternal : starter),
      make: (args: StarterChartArgs) => new StarterChart("starter", args),
      cases: {
        ...ofEdge,
        "externalSecrets.enabled": { along: { api: { secrets: starter.api.secrets }, externalSecrets: { api: undefined } } },
        "topologySpreadConstraints.enabled": { anyway: true },
      },
    }));
});
