import { PolicySection } from "../policy/options";
import { sectionAlone } from "./alone";

/**
 * Section `stackyard:policy` of a stack's file, checked like the whole and without it.
 *
 * @throws Refusal that names every error of the section at once
 */
export const policyOf = (stack: string, file: string): PolicySection => sectionAlone("policy", PolicySection.default({}), stack, file);
