import * as pulumi from "@pulumi/pulumi";
import { checked, split } from "../kubernetes/arguments";
import { labelsOf, Metadata, selectorOf } from "../kubernetes/metadata";
import type { Reachable } from "../kubernetes/network";
import { refusalOf } from "./contract-options";
import { StarterInput, StarterOptions, StarterPlan } from "./options";
import { Component, isGated } from "./source-options";

type Variables = Readonly<Record<string, pulumi.Input<string | number | boolean> | undefined>>;
type Values = Readonly<Record<string, pulumi.Input<string> | undefined>>;

/** Options of one workload; what can come from another resource may be an Output. */
type Settings<Of extends Component> = Omit<NonNullable<StarterInput[Of]>, "env" | "secrets"> & {
  /** Variables that are no secret, name to value. */
  readonly env?: Variables;
  /** Variables of the Secret that is made, while `externalSecrets.enabled` is false: name to value. */
  readonly secrets?: Values;
};

export interface StarterSettings extends Omit<StarterInput, "namespace" | Component> {
  readonly api: Settings<"api">;
  readonly web: Settings<"web">;
  readonly worker?: Settings<"worker">;
  /** Namespace that everything is in. @default one that is made, named like the component */
  readonly namespace?: Omit<NonNullable<StarterInput["namespace"]>, "name"> & { readonly name?: pulumi.Input<string> };
  /** What API, worker and migration connect to inside the cluster, beside `networkPolicy.egress`. */
  readonly connectsTo?: readonly Reachable[];
}

/** All that the objects are made from. */
export interface Plan {
  readonly options: StarterPlan;
  /** What the names of all objects start with. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** Variables whose values are known only later, beside those of the options. */
  readonly laterEnv: Readonly<Record<Component, Record<string, pulumi.Input<string>>>>;
  readonly secrets: Readonly<Record<Component, Record<string, pulumi.Input<string>>>>;
  readonly connectsTo: readonly Reachable[];
}

const LATER = "(known later)";
const COMPONENTS = ["api", "web", "worker"] as const;
const perComponent = <Value>(make: (component: Component) => Value) => ({ api: make("api"), web: make("web"), worker: make("worker") });

/** Known values that the programs would refuse. */
const Arguments = StarterOptions.superRefine((options, context) => {
  for (const component of COMPONENTS) {
    for (const [name, value] of Object.entries(options[component].secrets)) {
      const message = value === LATER || value === "" ? undefined : refusalOf(name, value, isGated(options.api.env));
      if (message !== undefined) context.addIssue({ code: "custom", path: [component, "secrets", name], message });
    }
  }
});

/**
 * The plan that the arguments ask for.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with them, and no secret's value
 */
export function planOf(component: string, settings: StarterSettings): Plan {
  const { connectsTo = [], namespace = {}, ...rest } = settings;
  const place = split({ name: namespace.name });
  const env = perComponent((of) => split(settings[of]?.env));
  const secrets = perComponent((of) => split(settings[of]?.secrets));
  // what is known later is there already: whether it is, is checked now
  const marked = (values: { now: Record<string, unknown>; later: Record<string, unknown> }) => ({
    ...values.now,
    ...Object.fromEntries(Object.keys(values.later).map((name) => [name, LATER])),
  });
  const given = perComponent((of) => settings[of] && { ...settings[of], env: marked(env[of]), secrets: marked(secrets[of]) });

  const options = checked(
    Arguments,
    { fullnameOverride: component, ...rest, ...given, namespace: { ...namespace, name: undefined, ...place.now } },
    `Starter "${component}"`,
  );
  const name = options.fullnameOverride ?? component;
  return {
    options,
    name,
    namespace: place.later["name"] ?? options.namespace.name ?? name,
    laterEnv: perComponent((of) =>
      Object.fromEntries(Object.entries(env[of].later).map(([name, value]) => [name, pulumi.output(value).apply(String)])),
    ),
    secrets: perComponent((of) => ({ ...options[of].secrets, ...secrets[of].later })),
    connectsTo,
  };
}

export type Part = Component | "migration";

/** Labels that find the pods of one part. */
export const selectorFor = ({ name }: Pick<Plan, "name">, part?: Part) => selectorOf("starter", name, part);

/** Metadata of the objects of one part, `<name>-<part>`, or of those that all share, `<name>`. */
export const metadataOf = (plan: Plan, part?: Part): Metadata => ({
  name: part === undefined ? plan.name : `${plan.name}-${part}`,
  namespace: plan.namespace,
  labels: labelsOf(selectorFor(plan, part), plan.options.commonLabels),
});

/** What preview shows, policies see and state keeps: no functions, and secrets only as such. */
export function shown(settings: StarterSettings): pulumi.Inputs {
  const hidden = <Of extends { readonly secrets?: unknown }>(of: Of) =>
    of.secrets === undefined ? of : { ...of, secrets: pulumi.secret(of.secrets) };
  const { api, web, worker } = settings;
  return { ...settings, api: hidden(api), web: hidden(web), ...(worker && { worker: hidden(worker) }) };
}
