import { distance } from "fastest-levenshtein";

/** More names than a person reads: of so many, those are named that are near. */
export const MANY = 15;

/** The names that are most like one that is not among them, the most similar first. */
export const nearestTo = (name: string, names: readonly string[], count = 3): string[] =>
  [...names].sort((one, other) => distance(name, one) - distance(name, other)).slice(0, count);

/** The name that was meant by one that is not among them, where one is so similar that it may be. */
export function meantBy(name: string, names: readonly string[]): string | undefined {
  const [nearest] = nearestTo(name, names, 1);
  return nearest !== undefined && distance(name, nearest) <= Math.max(2, nearest.length / 3) ? nearest : undefined;
}
