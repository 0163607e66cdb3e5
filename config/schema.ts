import * as z from "zod";
import { PolicySection } from "../policy/options";
import { CapacitySection } from "./capacity";
import { ClusterSection } from "./cluster";
import { LAYER_NAMES, LAYERS, type Sections } from "./layers";
import { RegistrySection } from "./registry";
import { StackName } from "./stack-name";
import { TenantsSection } from "./tenants";

/** Value of one key of `stackyard:secrets`, as the program gets it. */
const Secrets = z.record(z.string(), z.string({ error: "is empty: set its value" }).min(1, { error: "is empty: set its value" }));

const sections = Object.fromEntries(LAYER_NAMES.map((name) => [name, LAYERS[name].section.optional()])) as {
  [Name in keyof Sections]: z.ZodOptional<(typeof LAYERS)[Name]["section"]>;
};

/** Every key `stackyard:…` of a stack's config. */
export const StackSchema = z.strictObject({
  layers: z
    .array(z.enum(LAYER_NAMES), {
      error: ({ input }) =>
        `${JSON.stringify(input)} is no list of layers: write those that the stack deploys, of ${LAYER_NAMES.join(", ")}`,
    })
    .meta({ description: "Layers that the stack deploys. Each has a section stackyard:<layer>, and each such section is a layer." }),
  cluster: ClusterSection,
  protected: z.boolean().default(false).meta({
    description:
      "Whether `stackyard down` asks for the stack's name, and Pulumi refuses to delete the namespaces of dotdo, the starter and the platform. Those of tenants are kept instead; Plinko's goes, unless persistence.retain.",
  }),
  platformStack: StackName("prod-platform")
    .optional()
    .meta({ description: "Stack whose platform this one stands on. What sections name of it must be there." }),
  registry: RegistrySection.optional(),
  policy: PolicySection.optional(),
  capacity: CapacitySection.optional(),
  tenants: TenantsSection.optional(),
  secrets: Secrets.optional(),
  ...sections,
});
