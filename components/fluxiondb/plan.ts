import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { sizeOf, type Size } from "../../sizing/fluxiondb";
import { quantity, bytes } from "../../sizing/quantity";
import { checked } from "../kubernetes/arguments";
import { labelsOf, Metadata, selectorOf } from "../kubernetes/metadata";
import { FluxionDbInput, FluxionDbOptions, FluxionDbPlan, NAMESPACE_PREFIX } from "./options";

/** Name of every object in the tenant's namespace that others name. */
export const NAME = "fluxiondb";

/** Options of one tenant, and its key. */
export interface FluxionDbTenant extends FluxionDbInput {
  /** The key that clients authenticate with. Needed, unless `secret.name` names a Secret that has it. */
  readonly apiKey?: pulumi.Input<string>;
}

/** All that the objects are made from. */
export interface Plan {
  readonly options: FluxionDbPlan;
  readonly size: Size;
  /** Name, namespace and labels of an object that has a constant name. */
  readonly metadata: Metadata;
  readonly selector: Record<string, string>;
  readonly apiKey?: pulumi.Input<string>;
}

const ApiKey = z
  .custom<pulumi.Input<string>>(
    (key) => pulumi.Output.isInstance(key) || key instanceof Promise || (typeof key === "string" && key !== ""),
    {
      error: "is no key: give a text that is not empty, or leave it out and name a Secret that has it (secret.name)",
    },
  )
  .optional();

type Given = Partial<Pick<FluxionDbTenant, "apiKey" | "secret">>;

const Arguments = FluxionDbOptions.safeExtend({ apiKey: ApiKey })
  .refine(({ apiKey, secret }: Given) => apiKey !== undefined || secret?.name !== undefined, {
    path: ["apiKey"],
    error: "is missing: give the key, or name a Secret that has it (secret.name)",
    when: () => true, // whatever else is wrong
  })
  .refine(({ apiKey, secret }: Given) => apiKey === undefined || secret?.name === undefined, {
    path: ["apiKey"],
    error: "is not used beside secret.name: leave one of them out",
    when: () => true,
  });

/**
 * The plan that the arguments ask for.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with them
 */
export function planOf(component: string, tenant: FluxionDbTenant): Plan {
  const { apiKey, ...options } = checked(Arguments, tenant, `FluxionDb "${component}"`);
  const { user, ram, resources } = options;
  const { memory, cpu } = sizeOf(ram);
  const selector = selectorOf(NAME, user);
  return {
    options,
    size: {
      memory,
      storage: storageOf(options),
      cpu: { request: resources.requests.cpu ?? cpu.request, limit: resources.limits.cpu ?? cpu.limit },
    },
    metadata: { name: NAME, namespace: namespaceNameOf(user), labels: labelsOf(selector, options.labels) },
    selector,
    apiKey,
  };
}

export const namespaceNameOf = (user: string): string => `${NAMESPACE_PREFIX}${user}`;

/** What decides on the volume. */
type Stored = Pick<FluxionDbPlan, "ram" | "persistence">;

/** Size of the volume: twice the RAM, where it is not to be more. */
export const storageOf = ({ ram, persistence: { size } }: Stored): string =>
  size === undefined ? sizeOf(ram).storage : quantity(bytes(size));

/** Whether the claim is one that the component makes. */
export const ownsClaim = ({ persistence }: Stored): boolean => persistence.enabled && persistence.existingClaim === undefined;

/** What preview shows, policies see and state keeps: no functions, and the key only as a secret. */
export function shown({ apiKey, ...rest }: FluxionDbTenant): pulumi.Inputs {
  return { ...rest, ...(apiKey !== undefined && { apiKey: pulumi.secret(apiKey) }) };
}
