import type { RuleId } from "../../../policy/rules";
import type { Case } from "../case";
import { containers } from "./containers";
import { dotdo } from "./dotdo";
import { fluxiondb } from "./fluxiondb";
import { objects } from "./objects";
import { wiring } from "./wiring";

/** Every rule's case: a rule without one does not compile. */
export const CASES: Readonly<Record<RuleId, Case>> = { ...fluxiondb, ...dotdo, ...containers, ...objects, ...wiring };
