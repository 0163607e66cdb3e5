import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";

/** One resource that was planned; a secret among its inputs reads "[secret]". */
export interface Planned {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
  /** The same with every secret in clear. */
  readonly values: unknown;
}

/** Copies a value, with something else in place of each secret. */
const replaced = (value: unknown, secret: (value: unknown) => unknown): unknown => {
  if (pulumi.runtime.isRpcSecret(value)) return secret(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map((part) => replaced(part, secret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, secret)]));
};
const masked = (value: unknown): unknown => replaced(value, () => "[secret]");
const revealed = (value: unknown): unknown => replaced(value, revealed);

/** A plan has many resources, of which a test looks at few. */
const plannedOf = (type: string, name: string, inputs: unknown): Planned => ({
  type,
  name,
  get inputs() {
    return masked(inputs);
  },
  get values() {
    return revealed(inputs);
  },
});

/** The value at a path such as `spec.ports.0.port`; undefined where there is none. */
export const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/** Plans what `make` makes, with an engine that answers each wish with what was asked for. */
export async function plan(make: () => unknown): Promise<Planned[]> {
  const planned: Planned[] = [];
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const { metadata } = inputs as { metadata?: Record<string, unknown> };
      planned.push(plannedOf(type, name, inputs));
      // names itself what has no name, as Kubernetes providers do, and answers with a password where one is made; more nobody reads
      return { id: `${name}-id`, state: { metadata: { name: `${name}-made`, ...metadata }, result: `${name}-made` } };
    },
    call: ({ token }) => assert.fail(`no call is expected, not ${token}`),
  });
  // Pulumi notes a stack for each promise; translated to TypeScript's lines, they are two thirds of the time
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    make();
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return planned;
}

/** The one planned resource of this name. */
export function named(planned: readonly Planned[], name: string): unknown {
  const found = planned.filter((resource) => resource.name === name);
  assert.equal(found.length, 1, `${found.length} resources are named ${name}: ${planned.map((resource) => resource.name).join(", ")}`);
  return found[0]?.inputs;
}

/** Value of an Output that is known. */
export const valueOf = <Value>(output: pulumi.Output<Value>): Promise<pulumi.Unwrap<Value>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value)));

/** The errors of what throws, as `path: reason`. */
export function refusals(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    if (pulumi.InputPropertiesError.isInstance(error))
      return (error.errors ?? []).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
    throw error;
  }
  return assert.fail("nothing was refused");
}
