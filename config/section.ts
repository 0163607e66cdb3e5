import { Config } from "@pulumi/pulumi";
import * as z from "zod";
import { commandsFor } from "./commands";
import { LAYERS, type LayerName, type Sections } from "./layers";
import { problemsOf } from "./problems";
import { Refusal } from "./refusal";
import { report } from "./report";

/** A section as the config of the stack that runs has it, without defaults. */
export const givenSection = (name: LayerName): unknown => new Config("stackyard").getObject(name);

/**
 * One section by itself, checked like the whole, with every default filled in.
 *
 * @throws Refusal that names every error at once
 */
export function sectionOf<Name extends LayerName>(stack: string, name: Name, given: unknown): Sections[Name] {
  const problems = problemsOf(z.object({ [name]: LAYERS[name].section }), { [name]: given }, commandsFor(stack));
  if (problems.length > 0) throw new Refusal(report(stack, problems));
  return LAYERS[name].section.parse(given) as Sections[Name];
}
