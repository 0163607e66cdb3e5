import * as z from "zod";
import { Count, DnsLabel, Positive, Quantity } from "../components/kubernetes/options";
import { sectionAlone } from "./alone";

/** Section `stackyard:capacity`: the cluster that a stack is meant for. It changes nothing that is deployed. */
export const CapacitySection = z
  .strictObject({
    node: z
      .string()
      .regex(/^[\w-]+\/[\w-]+$/, { error: "is no plan: write provider and plan, as in vultr/regular-2c-4gb" })
      .default("sandbox/default")
      .meta({ description: "Plan of the cluster's nodes, as in vultr/regular-2c-4gb: a name of the table of plans." }),
    zones: Positive.default(1).meta({ description: "Zones that the nodes are in, evenly." }),
    expected: z
      .strictObject({
        nodes: Positive.optional().meta({ description: "Nodes." }),
        storage: Quantity.optional().meta({ description: "Storage of all claims together." }),
        storageClass: DnsLabel.optional().meta({ description: "Storage class whose price that storage has." }),
        loadBalancers: Count.default(0).meta({ description: "Load balancers of the provider." }),
        monthly: z.number().nonnegative().optional().meta({ description: "What it costs a month." }),
      })
      .optional()
      .meta({ description: "What the cluster was said to be: `stackyard capacity` says which of these numbers is off." }),
  })
  .meta({ description: "The cluster that the stack is meant for (docs/capacity.md). It changes nothing that is deployed." });
export type CapacitySection = z.output<typeof CapacitySection>;

/**
 * Section `stackyard:capacity` of a stack's file, or its defaults.
 *
 * @throws Refusal that names every error of the section at once
 */
export const capacitySectionOf = (stack: string, file: string): CapacitySection =>
  sectionAlone("capacity", CapacitySection.prefault({}), stack, file);
