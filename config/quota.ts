import * as z from "zod";
import { CpuQuantity, Positive, Quantity } from "../components/kubernetes/options";

/** What all pods and claims of a layer's namespace may ask for together. */
export const Quota = z
  .strictObject({
    pods: Positive.optional().meta({ description: "Pods, those of Jobs and of a rollout among them." }),
    cpu: CpuQuantity.optional().meta({ description: "CPU that all pods request." }),
    memory: Quantity.optional().meta({ description: "Memory that all pods request." }),
    storage: Quantity.optional().meta({ description: "Storage that all claims request." }),
  })
  .refine((quota) => Object.keys(quota).length > 0, { error: "limits nothing: write pods, cpu, memory or storage, or leave it out" })
  .meta({ description: "Quota of the namespace. Default: none." });
