import { FORCE } from "../engine/ours";
import { nextOn, type Target } from "./target";

/** How the API server says that somebody else has set fields which an apply would change, whatever the plugin writes before and behind it. */
const CONFLICTS = /Apply failed with \d+ conflicts?: (conflicts? with .+?)(?: \(annotation [^)]*\))?\s*$/s;

/** Who has set which fields that a run would change, by what went wrong with it; undefined where it was something else. */
export const conflictsIn = (message: string): string | undefined => CONFLICTS.exec(message)?.[1];

/**
 * What to type next where somebody else has set fields since.
 *
 * @param command what was typed of the target's stack
 */
export const puttingBack = (command: string, target: Target): string[] => [
  `${forced} ${command}   # puts back what the stack says`,
  `${nextOn(target, "preview", target.stack)}   # once what is right is in Pulumi.${target.stack}.yaml`,
];

const forced = Object.entries(FORCE)
  .map(([name, value]) => `${name}=${value}`)
  .join(" ");
