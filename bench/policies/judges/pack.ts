import { questionsOf, type Pack } from "../pack";
import type { Findings, Judge } from "./judge";

/** Ours, in its own process. */
export const policyPack = (pack: Pack): Judge => ({
  name: "stackyard",
  judge: async (manifests): Promise<Findings> => {
    const found = new Map<string, string[]>();
    for (const { name, resources } of manifests) {
      const rules = (await pack.judge(questionsOf(resources))).map(({ rule }) => rule);
      found.set(name, [...new Set(rules)].sort());
    }
    return found;
  },
});
