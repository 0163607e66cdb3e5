import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Refusal } from "../config";

const DotdoOutputs = z.strictObject({
  /** Address inside the cluster. */
  url: z.url(),
  /** Addresses outside, one a host of its Ingress. */
  hosts: z.array(z.url()),
  namespace: z.string().min(1),
  service: z.string().min(1),
  /** Name that resolves to the pods themselves. */
  headlessService: z.string().min(1),
});

const TenantOutputs = z.strictObject({
  /** Address inside the cluster, `ws://…`. */
  url: z.url(),
  /** Address outside, `wss://…`; nothing without an Ingress. */
  outsideUrl: z.url().optional(),
  namespace: z.string().min(1),
  service: z.string().min(1),
  /** Name of the Secret, in that namespace, that has the key. */
  secret: z.string().min(1),
  /** Name of the claim; nothing where none was made. */
  claim: z.string().min(1).optional(),
  /** Labels that let a pod of any namespace connect. */
  clientLabels: z.record(z.string(), z.string()),
});

const PlinkoOutputs = z.strictObject({
  /** Address of the wallet inside the cluster. */
  url: z.url(),
  /** Addresses outside, one a host that its Ingress names. */
  hosts: z.array(z.url()),
  /** IP address or name that the Ingress is reached under; empty while it has none. */
  address: z.string(),
  namespace: z.string().min(1),
  /** Service of each workload. */
  services: z.record(z.string(), z.string().min(1)),
  /** Jobs that made the data. */
  jobs: z.array(z.string().min(1)),
  claim: z.string().min(1),
});

const StarterOutputs = z.strictObject({
  /** Addresses inside the cluster, of web and of the API. */
  url: z.url(),
  apiUrl: z.url(),
  /** Addresses outside, one a host of the Ingresses of web and of the API. */
  hosts: z.array(z.url()),
  apiHosts: z.array(z.url()),
  namespace: z.string().min(1),
  webService: z.string().min(1),
  apiService: z.string().min(1),
});

/** What a stack exports: a contract with whoever reads it. Names that have landed stay. */
export const StackOutputs = z.strictObject({
  cluster: z.strictObject({ context: z.string().min(1), uid: z.string().min(1) }),
  // a layer only where the stack deploys it
  dotdo: DotdoOutputs.optional(),
  fluxiondb: z.strictObject({ tenants: z.record(z.string(), TenantOutputs) }).optional(),
  plinko: PlinkoOutputs.optional(),
  starter: StarterOutputs.optional(),
  /** Objects that a destroy leaves in the cluster, because they hold data. */
  kept: z.array(z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() })),
});

export type StackOutputs = z.output<typeof StackOutputs>;
type Exported = { readonly [Name in keyof StackOutputs]: pulumi.Input<StackOutputs[Name]> };

/**
 * What a stack exports, checked against the contract as soon as each value is known.
 *
 * @throws Refusal, when a value is known that breaks the contract
 */
export const exportsOf = (values: pulumi.Inputs): Exported =>
  Object.fromEntries(
    Object.entries(StackOutputs.shape)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, schema]) => [name, pulumi.output(values[name]).apply((value: unknown) => contracted(name, schema, value))]),
  ) as Exported;

/** One value of the contract. */
export function contracted(name: string, schema: z.ZodType, value: unknown): unknown {
  const { error, data } = schema.safeParse(value);
  if (!error) return data;
  const wrong = error.issues.map(({ path, message }) => `  ${[name, ...path].join(".")}: ${message}`);
  throw new Refusal([`the stack exports what its contract (stacks/outputs.ts) does not allow:`, ...wrong].join("\n"));
}
