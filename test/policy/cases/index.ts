import type { RuleId } from "../../../policy/rules";
import type { Case } from "../case";
import { apiVersions } from "./api-versions";
import { availability } from "./availability";
import { containers } from "./containers";
import { dotdo } from "./dotdo";
import { dotdoPods } from "./dotdo-pods";
import { envs } from "./env";
import { exposure } from "./exposure";
import { fluxiondb } from "./fluxiondb";
import { fluxionDbAccess } from "./fluxiondb-access";
import { fluxionDbNamespaces } from "./fluxiondb-namespaces";
import { hostAccess } from "./host-access";
import { objects } from "./objects";
import { podSecurity } from "./pod-security";
import { probes } from "./probes";
import { rbac } from "./rbac";
import { plinko } from "./plinko";
import { starter } from "./starter";
import { volumes } from "./volumes";
import { wiring } from "./wiring";
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
  ...wiring,
};
