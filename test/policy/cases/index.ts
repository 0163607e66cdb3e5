import type { RuleId } from "../../../policy/rules";
import type { Case } from "../case";
import { apiVersions } from "./api-versions";
import { availability } from "./availability";
import { backends } from "./backends";
import { chartValues } from "./chart-values";
import { containers } from "./containers";
import { disruption } from "./disruption";
import { dotdo } from "./dotdo";
import { dotdoPods } from "./dotdo-pods";
import { envs } from "./env";
import { exposure } from "./exposure";
import { fluxiondb } from "./fluxiondb";
import { fluxionDbAccess } from "./fluxiondb-access";
import { fluxionDbNamespaces } from "./fluxiondb-namespaces";
import { hostAccess } from "./host-access";
import { namespaces } from "./namespaces";
import { objects } from "./objects";
import { plinko } from "./plinko";
import { podSecurity } from "./pod-security";
import { probes } from "./probes";
import { rbac } from "./rbac";
import { references } from "./references";
import { releases } from "./releases";
import { room } from "./room";
import { scaling } from "./scaling";
import { selectors } from "./selectors";
import { starter } from "./starter";
import { volumes } from "./volumes";
import { workloads } from "./workloads";

/** Every rule's case: a rule without one does not compile. */
export const CASES: Readonly<Record<RuleId, Case>> = {
  ...fluxiondb,
  ...fluxionDbAccess,
  ...fluxionDbNamespaces,
  ...dotdo,
  ...dotdoPods,
  ...plinko,
  ...starter,
  ...volumes,
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
