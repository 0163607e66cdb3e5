import type { Change, Difference } from "./rpc.js";
import { at, formatPath, isObject, parsePath, type Path, under, unknown, type Value } from "./values.js";

interface Compared {
  old?: Value;
  next?: Value;
  /** What was asked for when the old value came about; what was asked for and is nothing need not be there. @default old */
  asked?: Value;
  /** Whether two values that differ mean the same. */
  same?: (path: Path, a: Value, b: Value) => boolean;
}
const isNothing = (value?: Value): boolean => !value || (typeof value === "object" && Object.keys(value).length === 0);

/** Where two values differ, as deep down as they can be compared. */
export const differences = ({ old, next, asked = old, same }: Compared, path: Path = []): [Path, Change][] => {
  if (next === undefined) return old === undefined ? [] : [[path, "delete"]];
  if (old === undefined) return asked !== undefined && isNothing(asked) && isNothing(next) ? [] : [[path, "add"]];
  const inner = (key: string | number) =>
    differences({ old: at(old, [key]), next: at(next, [key]), asked: at(asked, [key]) ?? null, same }, [...path, key]);
  if (isObject(old) && isObject(next)) return [...new Set([...Object.keys(old), ...Object.keys(next)])].flatMap(inner);
  if (Array.isArray(old) && Array.isArray(next)) return [...(old.length > next.length ? old : next).keys()].flatMap(inner);
  return next !== unknown && (old === next || same?.(path, old, next)) ? [] : [[path, "update"]];
};

/** The differences as the engine wants them. */
export const differenceOf = (
  found: [Path, Change][],
  ignoreChanges: string[],
  replaces: (path: Path, change: Change) => boolean,
): Difference => {
  const ignored = ignoreChanges.map(parsePath);
  const shown = found.filter(([path]) => !ignored.some((each) => under(path, each)));
  const replaced = (path: Path, change: Change) => (replaces(path, change) ? (`${change}-replace` as Change) : change);
  return { changes: new Map(shown.map(([path, change]) => [formatPath(path), replaced(path, change)])) };
};
