import type { RuleId } from "../../../policy/rules";
import type { Case } from "../case";
import { containers } from "./containers";
import { dotdo } from "./dotdo";
import { fluxiondb } from "./fluxiondb";
import { namespaces } from "./namespaces";
import { objects } from "./objects";
import { backends } from "./backends";
import { disruption } from "./disruption";
import { references } from "./references";
import { room } from "./room";
import { scaling } from "./scaling";
import { selectors } from "./selectors";

/** Every rule's case: a rule without one does not compile. */
export const CASES: Readonly<Record<RuleId, Case>> = {
  ...fluxiondb,
  ...dotdo,
  ...containers,
  ...namespaces,
  ...objects,
  ...selectors,
  ...backends,
  ...scaling,
  ...disruption,
  ...references,
  ...room,
};
