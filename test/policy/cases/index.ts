import type { RuleId } from "../../../policy/rules";
import type { Case } from "../case";
import { apiVersions } from "./api-versions";
import { availability } from "./availability";
import { chartValues } from "./chart-values";
import { containers } from "./containers";
import { dotdo } from "./dotdo";
import { envs } from "./env";
import { exposure } from "./exposure";
import { fluxiondb } from "./fluxiondb";
import { hostAccess } from "./host-access";
import { namespaces } from "./namespaces";
import { objects } from "./objects";
import { podSecurity } from "./pod-security";
import { probes } from "./probes";
import { rbac } from "./rbac";
import { workloads } from "./workloads";
import { backends } from "./backends";
import { disruption } from "./disruption";
import { references } from "./references";
import { releases } from "./releases";
import { room } from "./room";
import { scaling } from "./scaling";
import { selectors } from "./selectors";

/** Every rule's case: a rule without one does not compile. */
export const CASES: Readonly<Record<RuleId, Case>> = {
  ...fluxiondb,
  ...dotdo,
  ...hostAccess,
  ...workloads,
  ...availability,
  ...podSecurity,
  ...containers,
  ...probes,
  ...envs,
  ...objects,
  ...exposure,
  ...rbac,
  ...apiVersions,
  ...namespaces,
  ...selectors,
  ...backends,
  ...scaling,
  ...disruption,
  ...references,
  ...room,
  ...releases,
  ...chartValues,
};
