import { amount } from "../sizing/amount";
import type { Container, PodSpec } from "./object";

/** Of a container's resources. */
export type Amounts = "requests" | "limits";

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === "Always";

/** Containers that run as long as their pod: sidecars, too. */
export const runningContainers = ({ containers = [], initContainers = [] }: PodSpec): readonly Container[] => [
  ...initContainers.filter(isSidecar),
  ...containers,
];

/** What one container asks for; a limit without request is the request, too. */
export function askedBy({ resources }: Container, amounts: Amounts, resource: string): string | undefined {
  const limit = resources?.limits?.[resource];
  return amounts === "limits" ? limit : (resources?.requests?.[resource] ?? limit);
}

/**
 * What a pod asks for, as the scheduler counts it: all that run together, or what its most demanding init container takes beside the
 * sidecars that have started before it.
 *
 * @returns cores or bytes; a container that asks for nothing counts as 0
 */
export function askedByPod(spec: PodSpec, amounts: Amounts, resource: string): number {
  const of = (container: Container) => amount(askedBy(container, amounts, resource) ?? 0);
  const running = runningContainers(spec).reduce((sum, container) => sum + of(container), 0);
  let [sidecars, most] = [0, 0];
  for (const container of spec.initContainers ?? []) {
    most = Math.max(most, sidecars + of(container));
    if (isSidecar(container)) sidecars += of(container);
  }
  return Math.max(running, most);
}
