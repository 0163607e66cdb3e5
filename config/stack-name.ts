import { text } from "../components/kubernetes/options";

/** Name of another stack; organization and project are this one's where they are left out. */
export const StackName = (example: string) =>
  text(/^([\w.-]+\/){0,2}[\w.-]+$/, `stack: write its name, as in ${example} or organization/stackyard/${example}`);
