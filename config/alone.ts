import * as z from "zod";
import { commandsFor } from "./commands";
import { givenInFiles } from "./given";
import { problemsOf } from "./problems";
import { Refusal } from "./refusal";
import { report } from "./report";

/**
 * One section of a stack's file, checked like the whole and without it.
 *
 * @param name after `stackyard:`
 * @throws Refusal that names every error of the section at once
 */
export function sectionAlone<Schema extends z.ZodType>(name: string, schema: Schema, stack: string, file: string): z.output<Schema> {
  const whole = z.object({ [name]: schema });
  const given = { [name]: givenInFiles(file).values[name] };
  const problems = problemsOf(whole, given, commandsFor(stack));
  if (problems.length > 0) throw new Refusal(report(stack, problems));
  return whole.parse(given)[name] as z.output<Schema>;
}
