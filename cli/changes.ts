import { conflictsIn, puttingBack } from "./conflicts";
import { UserError } from "./errors";
import { ask, type ResourceState } from "./pulumi";
import { table } from "./table";
import type { Target } from "./target";

/** One step of a preview, as Pulumi tells it. */
export interface PlannedStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
}

/**
 * What an up would change of resources in the cluster, and nothing that stays the same.
 *
 * @param command what was typed, for who has to type it again
 * @throws UserError that says why the preview fails
 */
export async function plannedBy(target: Target, command: string): Promise<PlannedStep[]> {
  const { steps } = await ask<{ readonly steps: readonly PlannedStep[] }>(target, ["preview", "--json"]).catch((error: UserError) => {
    throw conflictsIn(error.message) === undefined ? error : new UserError(error.message, puttingBack(command, target));
  });
  return steps.filter(({ op, urn }) => op !== "same" && op !== "read" && typeOf(urn).startsWith("kubernetes:"));
}

/** Type of a resource, by its URN. */
const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

export const shown = (planned: readonly PlannedStep[]): string =>
  planned.length === 0
    ? "Nothing else would change."
    : table(
        ["step", "resource", "type"],
        planned.map(({ op, urn }) => [op, nameOf(urn), typeOf(urn)]),
      );

const HOLDS_DATA = /:(Namespace|PersistentVolumeClaim|PersistentVolume)$/;
/** What makes its claims itself, or has them by its name. */
const OWNS_DATA = /:StatefulSet$/;
const TAKES_AWAY = ["delete", "replace", "create-replacement", "delete-replaced"];

/** Steps that would change what holds data, or take away what owns it. */
export const dataLost = (planned: readonly PlannedStep[]): string[] =>
  planned
    .filter(({ op, urn }) => (HOLDS_DATA.test(typeOf(urn)) && op !== "create") || (OWNS_DATA.test(typeOf(urn)) && TAKES_AWAY.includes(op)))
    .map(({ op, urn }) => `${op} ${nameOf(urn)} (${typeOf(urn)})`);
