/** Images that a stack's config names, and those of the updates before. */

/** The part of an update that is looked at, as `pulumi stack history --json` tells it. */
export interface Update {
  readonly kind: string;
  readonly result: string;
  readonly startTime: string;
  readonly config?: Readonly<Record<string, { readonly value?: string; readonly secret?: boolean }>>;
}

export const SYSTEMS = ["dotdo", "fluxiondb", "plinko", "starter"] as const;
export type System = (typeof SYSTEMS)[number];

/** One option of an image that is to be what it was; `to` is missing where it was not said then. */
export interface ImageChange {
  /** From the stack's file on: `stackyard:starter`, `api`, `image`. */
  readonly path: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

const IMAGE = "image";
const PARTS = ["repository", "tag", "digest"];

type Images = ReadonlyMap<string, { readonly path: readonly string[]; readonly value: string }>;

/** What a section says of images, wherever in it: whole, or by repository, tag and digest. */
function imagesIn(section: unknown, path: readonly string[]): Images {
  const found = new Map<string, { path: readonly string[]; value: string }>();
  const add = (path: readonly string[], value: string) => found.set(JSON.stringify(path), { path, value });
  const look = (value: unknown, path: readonly string[], isImage: boolean): void => {
    if (typeof value === "string" && isImage) add(path, value);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (isImage && PARTS.includes(key)) add([...path, key], String(inner));
      else look(inner, [...path, key], key === IMAGE);
    }
  };
  look(section, path, false);
  return found;
}

function imagesOf({ config = {} }: Update, systems: readonly System[]): Images {
  const sections = systems.map((system) => `stackyard:${system}`);
  return new Map(sections.flatMap((section) => [...imagesIn(JSON.parse(config[section]?.value ?? "{}"), [section])]));
}

const succeeded = ({ result }: Update): boolean => result === "succeeded";

function changesTo(before: Images, now: Images): ImageChange[] {
  const keys = [...new Set([...now.keys(), ...before.keys()])];
  return keys.flatMap((key) => {
    const [from, to] = [now.get(key)?.value, before.get(key)?.value];
    if (from === to) return [];
    const path = now.get(key)?.path ?? before.get(key)?.path ?? [];
    return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
}

/**
 * The way back to the images before: of the last update that succeeded with others than the newest one has, whether that succeeded or not.
 * Where the newest one was to bring these back and has failed, it leads there again, from what was tried before it.
 *
 * @param history updates, the newest first
 * @returns nothing where there were never others
 */
export function wayBack(
  history: readonly Update[],
  systems: readonly System[],
): { readonly to: Update; readonly changes: ImageChange[] } | undefined {
  const [newest, ...earlier] = history.filter(({ kind }) => kind === "update");
  if (!newest) return undefined;
  const last = earlier.findIndex(succeeded);
  if (last < 0) return undefined;
  const changesFrom = (from: Update, to: Update) => changesTo(imagesOf(to, systems), imagesOf(from, systems));
  // what was tried since the last one that succeeded may be there still, whatever the newest one was to bring
  const tried = succeeded(newest) ? [newest] : [newest, ...earlier.slice(0, last)];
  const ways = [
    ...tried.map((from) => ({ from, to: earlier[last]! })),
    ...earlier
      .slice(last + 1)
      .filter(succeeded)
      .map((to) => ({ from: newest, to })),
  ];
  return ways.map(({ from, to }) => ({ to, changes: changesFrom(from, to) })).find(({ changes }) => changes.length > 0);
}
