import { Option } from "commander";
import { execa } from "execa";
import { UserError } from "./errors";
import type { Target } from "./target";

/** A setting of a stack's file. */
export interface Setting {
  /** As errors name it: `stackyard:starter.api.image`. */
  readonly key: string;
  readonly value: string;
}

/** @throws UserError that says nothing of the value: it may be a secret */
function settingOf(text: string): Setting {
  const [, key = "", value] = /^([^=]*)=?(.*)$/s.exec(text) ?? [];
  if (!key.startsWith("stackyard:") || !value) {
    throw new UserError(`--set takes <key>=<value>, and its key begins with stackyard:; what is given for "${key}" is not of this form`, [
      "npx stackyard up --set stackyard:starter.api.image=registry.example.com/api:1.4.0",
    ]);
  }
  if (/^stackyard:secrets\b/.test(key)) {
    throw new UserError(`--set takes no secret, which whoever lists processes would read: "${key}"`, [
      `pulumi config set --secret --path '${key}'   # asks for the value`,
    ]);
  }
  return { key, value };
}

/** Settings that are made before a run, as `pulumi config set --path` makes them. Pulumi's own --config-path puts one in the place of its whole section. */
export const setOption = () =>
  new Option("--set <key=value>", "change the stack's file first, as in stackyard:starter.api.image=registry.example.com/api:1.4.0")
    .argParser<Setting[]>((text, before) => [...before, settingOf(text)])
    .default([], "nothing");

/** Makes settings in the file that a target works with: on a sandbox its copy, of which the next run makes another. */
export async function set({ env }: Target, settings: readonly Setting[]): Promise<void> {
  // in clear: it may be the name of a secret, which Pulumi would take for one
  for (const { key, value } of settings) await execa("pulumi", ["config", "set", "--plaintext", "--path", "--", key, value], { env });
}
