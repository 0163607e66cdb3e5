import { z } from "zod";
import { PolicySection } from "../policy/options";
import { commandsFor } from "./commands";
import { givenInFiles } from "./given";
import { problemsOf } from "./problems";
import { Refusal } from "./refusal";
import { report } from "./report";

const Policy = z.object({ policy: PolicySection.default({}) });

/**
 * Section `stackyard:policy` of a stack's file, checked like the whole and without it.
 *
 * @throws Refusal that names every error of the section at once
 */
export function policyOf(stack: string, file: string): PolicySection {
  const { values } = givenInFiles(file);
  const given = { policy: values["policy"] };
  const problems = problemsOf(Policy, given, commandsFor(stack));
  if (problems.length > 0) throw new Refusal(report(stack, problems));
  return Policy.parse(given).policy;
}
