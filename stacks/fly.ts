import { stringify } from "smol-toml";
import { flyAppOf, flyCommandsOf, flySecretsOf } from "../components/dotdo/fly";
import { SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { Refusal, sectionOf, type DotdoSection } from "../config";
import { commandsFor } from "../config/commands";
import { outputsIn } from "../outputs";
import { completed, type Completed } from "./dotdo-shared";

/** What Machines at the edge are made from. */
export interface FlyApp {
  /** The fly.toml, without a secret. */
  readonly toml: string;
  /** Commands that follow. */
  readonly next: readonly string[];
}

/** Asks another stack for its outputs, as `pulumi stack output --json` prints them: no value of a secret is in it. */
export type AskOutputs = (stack: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * The fly.toml of the Machines that are another home of a stack's dotdo, from the same section and the same other stack as its pods.
 *
 * @param given the section `stackyard:dotdo` as it is written
 * @throws Refusal where the section or what it takes of another stack is wrong, or nothing is said of Fly
 */
export async function flyAppFor(stack: string, given: unknown, outputs: AskOutputs): Promise<FlyApp> {
  const written = sectionOf(stack, "dotdo", given);
  if (!written.fly.enabled) throw new Refusal(notWanted(stack));
  const taken = written.sharedFrom === undefined ? { given, secrets: [] } : await takenFrom(stack, written.sharedFrom, given, outputs);
  const section = sectionOf(stack, "dotdo", taken.given);
  return {
    toml: stringify(flyAppOf(section)),
    next: [...flyCommandsOf(section, flySecretsOf(secretsOf(section, taken))), ...byHand(section)],
  };
}

async function takenFrom(stack: string, other: string, given: unknown, outputs: AskOutputs): Promise<Completed> {
  const { dotdo, secrets } = outputsIn(other, await outputs(other), ["dotdo"]);
  return completed(stack, given, { ...dotdo, stack: other, secrets: Object.keys(secrets?.dotdo ?? {}) as DotdoSecret[] });
}

/** Secrets that the pods get; of a Secret that exists already, whichever it may have. */
const secretsOf = ({ secrets, externalSecrets }: DotdoSection, taken: Completed): DotdoSecret[] =>
  (Object.keys(SECRET_KEYS) as DotdoSecret[]).filter(
    (name) =>
      externalSecrets?.data[name] !== undefined ||
      secrets.existingSecret !== undefined ||
      secrets[name] !== undefined ||
      taken.secrets.includes(name),
  );

/** What the pods read from the cluster, where the Machines cannot read it. */
const byHand = ({ extraEnvFrom, fly }: DotdoSection): string[] =>
  extraEnvFrom.map(({ secret, configMap }) =>
    secret === undefined
      ? `$EDITOR fly.toml   # [env]: what ConfigMap ${configMap} has`
      : `fly secrets import --stage --app ${fly.app}   # reads NAME=value, a line each: what Secret ${secret} has`,
  );

const notWanted = (stack: string) =>
  [
    `the dotdo of stack "${stack}" runs on no Fly Machines: stackyard:dotdo.fly.enabled is false.`,
    `  $ ${commandsFor(stack).set("stackyard:dotdo.fly.enabled", "true")}`,
  ].join("\n");
