import { managedIn, managedPaths, type Managed, type Place, type Scope } from "../components/kubernetes/chart-managed";
import { Refusal, type LayerName, type Sections } from "../config";
import { commandsFor, keyOf } from "../config/commands";
import { remediesFor } from "./forbidden";
import type { Questions } from "./layer";

/** A system that is deployed by its chart or object by object, and how one gets from one to the other. */
interface System<Section> {
  readonly chart: (section: Section) => boolean;
  readonly places: (section: Section) => Place[];
  readonly scope: (section: Section) => Scope;
  /** What becomes of its data on the way. */
  readonly data: string;
}

const named = (app: string, { namespace, fullnameOverride: name = app }: { namespace: { name?: string }; fullnameOverride?: string }) => [
  { namespace: namespace.name ?? app, app, instance: name, release: name },
];
const inOne = (app: string, { namespace }: { namespace: { name?: string } }): Scope => ({ namespace: namespace.name ?? app });
const TAKE_OUT = "take the layer and its section out, type `pulumi up`, put both back as they are wanted, and type it again";

const SYSTEMS: { readonly [Name in LayerName]?: System<Sections[Name]> } = {
  dotdo: {
    chart: ({ chart }) => chart !== undefined,
    places: (section) => named("dotdo", section),
    scope: (section) => inOne("dotdo", section),
    data: `${TAKE_OUT}. dotdo itself holds no data; what \`backing\` deploys stays in the cluster, and \`stackyard up --take-over\` takes it over`,
  },
  fluxiondb: {
    chart: ({ chart }) => chart !== undefined,
    places: ({ tenants }) =>
      Object.keys(tenants).map((user) => ({ namespace: `fluxiondb-${user}`, app: "fluxiondb", instance: user, release: "fluxiondb" })),
    scope: () => ({ object: "fluxiondb" }),
    data: "deploy the tenants under other names from another stack, copy the data there (`fluxiondb export` and `import`), then take them out here. The two lay the data out differently on a volume, so that none can take over the other's",
  },
  plinko: {
    chart: ({ chart }) => chart !== undefined,
    places: (section) => named("plinko", section),
    scope: (section) => inOne("plinko", section),
    data: `${TAKE_OUT}. The data are made anew, which takes an hour`,
  },
  starter: {
    chart: ({ chart }) => chart !== undefined,
    places: (section) => named("starter", section),
    scope: (section) => inOne("starter", section),
    data: `${TAKE_OUT}. Its data are in Postgres, Redis and object storage, which stay; what \`backing\` deploys is taken over by \`stackyard up --take-over\``,
  },
};

/**
 * Ends the run where a layer would go from its chart to single objects or back over what runs: both would have the same names at the same
 * time, and what the one has made would go with it.
 *
 * @throws Refusal that names what runs and the way to change over, before anything is planned
 */
export async function refuseChangeOver<Name extends LayerName>(
  name: Name,
  { stack, ask }: Questions,
  section: Sections[Name],
): Promise<void> {
  const system = SYSTEMS[name];
  if (system === undefined) return;
  const wanted = system.chart(section) ? "chart" : "objects";
  const answers = await answersTo(stack, name, managedPaths(system.scope(section)), ask);
  const others = system
    .places(section)
    .flatMap((place) => managedIn(answers, place))
    .filter(({ by }) => by !== wanted);
  if (others.length > 0) throw new Refusal(report(stack, name, wanted, others, system.data));
}

async function answersTo(stack: string, layer: LayerName, paths: readonly string[], ask: Questions["ask"]): Promise<unknown[]> {
  try {
    return await Promise.all(paths.map(ask));
  } catch (error) {
    const kinds = ["deployments.apps", "statefulsets.apps", "persistentvolumeclaims"];
    throw new Refusal(
      [
        `the cluster did not say who made what ${layer} of stack "${stack}" has: ${error instanceof Error ? error.message : String(error)}. Nothing was changed.`,
        ...kinds.map(
          (kind) => `  $ kubectl auth can-i list ${kind} --all-namespaces   # must say yes, at least in the namespace of ${layer}`,
        ),
        ...remediesFor(error).map((command) => `  $ ${command}`),
      ].join("\n"),
    );
  }
}

const SHOWN = 6;

function report(stack: string, layer: LayerName, wanted: Managed["by"], others: readonly Managed[], data: string): string {
  const { edit, remove } = commandsFor(stack);
  const key = keyOf([layer, "chart"]);
  const objects = others.map(({ object }) => object);
  const more = objects.length > SHOWN ? ` and ${objects.length - SHOWN} more` : "";
  const now = wanted === "chart" ? "object by object" : "by its chart";
  const next = wanted === "chart" ? "by its chart" : "object by object";
  return [
    `stack "${stack}" has ${layer} ${now}, and would deploy it ${next}. One does not become the other in place. Nothing was changed.`,
    "",
    key,
    `  in the cluster: ${objects.slice(0, SHOWN).join(", ")}${more}`,
    `  $ ${wanted === "chart" ? `${remove(key)}   # to leave it as it is` : edit(`to leave it as it is: put ${key} back`)}`,
    `  $ ${edit("or, to change over, while nobody uses it:")}`,
    `    ${data}.`,
  ].join("\n");
}
