import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import { load } from "../config";
import { givenInFiles } from "../config/given";
import { deploy } from "../stacks/environment";
import { emptyCluster } from "./cluster";
import { madeUp, type PlannedResource, type Values } from "./resource";

export type { PlannedResource, Values } from "./resource";

/** What stacks export, by their full names: what later stacks read of them. */
export type Exports = Map<string, Values>;

interface Place {
  readonly type: string;
  readonly parent?: pulumi.Resource;
  readonly protect: boolean;
  readonly dependsOn: readonly pulumi.Resource[];
}
type Asked = Pick<PlannedResource, "type" | "name" | "props">;

// the SDK has it, and leaves it out of its types
const { setStackResource } = state as unknown as { readonly setStackResource: (stack: undefined) => void };

/**
 * What a stack of this repository would make on an empty cluster: the same program as in an up, without engine, plugins and cluster.
 *
 * One at a time: Pulumi's runtime is one a process.
 *
 * @param exported what the stacks that it reads have exported; gets what it exports
 * @param change what is said over the stack's file, by the names after `stackyard:`
 * @throws Refusal where an up would be refused
 */
export async function plannedStack(
  stack: string,
  exported: Exports,
  change: (values: Values) => Values = (values) => values,
): Promise<PlannedResource[]> {
  const cluster = await emptyCluster();
  const { PULUMI_OPTION_CONFIG_FILE: another } = process.env; // a shell may work on another stack
  delete process.env["PULUMI_OPTION_CONFIG_FILE"];
  try {
    const { values, encrypted } = givenInFiles(`Pulumi.${stack}.yaml`);
    return await plan(stack, exported, { ...change(values), cluster: cluster.binding }, encrypted);
  } finally {
    if (another !== undefined) process.env["PULUMI_OPTION_CONFIG_FILE"] = another;
    cluster.end();
  }
}

async function plan(stack: string, exported: Exports, values: Values, encrypted: ReadonlySet<string>): Promise<PlannedResource[]> {
  const asked: Asked[] = [];
  const places = new Map<pulumi.Resource, Place>();
  const named = new Map<string, pulumi.Resource>();
  await pulumi.runtime.setMocks(answering(asked, exported), "stackyard", stack, false, "organization");
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [keyOf(key), typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    [...encrypted].map(keyOf),
  );

  // Pulumi notes a stack for each promise; translated to TypeScript's lines, they are two thirds of the time
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      pulumi.runtime.registerStackTransformation(({ resource, type, name, opts }) => {
        const { parent, protect = false, dependsOn = [] } = opts;
        places.set(resource, { type, parent, protect, dependsOn: [dependsOn].flat() as pulumi.Resource[] });
        named.set(`${type} ${name}`, resource);
        return undefined;
      });
      const outputs = await deploy(load());
      exported.set(`organization/stackyard/${stack}`, await new Promise<Values>((resolve) => pulumi.output(outputs).apply(resolve)));
    });
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    setStackResource(undefined); // whatever else is planned in this process has no stack
  }
  return placed(asked, places, named);
}

const keyOf = (name: string): string => `stackyard:${name}`;

/** In the engine's place: each wish gets what was asked for, and a name where it has none. */
function answering(asked: Asked[], exported: Exports): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs }) => {
      const props = inputs as Values;
      if (type === "pulumi:pulumi:StackReference") return { id: name, state: { outputs: exported.get(name) ?? {}, secretOutputNames: [] } };
      asked.push({ type, name, props });
      const metadata = props["metadata"] as Values | undefined;
      return { id: `${name}-id`, state: { ...props, metadata: { name: madeUp(name), ...metadata }, result: madeUp(name) } };
    },
    call: () => ({}), // whether a stack that is read is there
  };
}

function placed(
  asked: readonly Asked[],
  places: ReadonlyMap<pulumi.Resource, Place>,
  named: ReadonlyMap<string, pulumi.Resource>,
): PlannedResource[] {
  const typesAbove = (resource?: pulumi.Resource): string[] => {
    const place = resource && places.get(resource);
    return place === undefined ? [] : [...typesAbove(place.parent), place.type];
  };
  const names = new Map([...named].map(([typeAndName, resource]) => [resource, typeAndName.split(" ")[1]!]));
  return asked.map(({ type, name, props }) => {
    const place = places.get(named.get(`${type} ${name}`)!);
    const dependsOn = place?.dependsOn.flatMap((other) => names.get(other) ?? []) ?? [];
    return {
      type,
      name,
      parents: typesAbove(place?.parent),
      props: revealed(props) as Values,
      protect: place?.protect ?? false,
      dependsOn,
    };
  });
}

/** Secrets in clear, as a policy sees them. */
function revealed(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return revealed(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revealed(part)]));
}
