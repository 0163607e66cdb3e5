import type { PlannedStep } from "./changes";
import type { ImageChange } from "./images";

/** What a release does with images and what is kept of it: nothing here runs anything. */

/** As registries take tags (the OCI distribution spec). */
const TAG = /^\w[\w.-]{0,127}$/;
export const isTag = (text: string): boolean => TAG.test(text);

/** An image without its tag and digest; a colon before the last slash is a port's. */
const repositoryOf = (image: string): string => image.split("@")[0]!.replace(/:[^:/]*$/, "");
const tagOf = (image: string): string => image.slice(repositoryOf(image).length).replace(/^[:@]/, "");

const SECTION = "stackyard:starter";
const COMPONENTS = ["api", "web", "worker"] as const;

/** The images of the starter, as a section says them, under another tag; a digest goes, for it is that of the tag before. */
export function retagged(section: Readonly<Record<string, unknown>>, tag: string): ImageChange[] {
  return COMPONENTS.flatMap((component) => {
    const from = (section[component] as { readonly image?: string } | undefined)?.image;
    const to = from === undefined ? undefined : `${repositoryOf(from)}:${tag}`;
    return from === undefined || from === to ? [] : [{ path: [SECTION, component, "image"], from, to }];
  });
}

/** The way back from some changes. */
export const reversed = (changes: readonly ImageChange[]): ImageChange[] =>
  changes.map(({ path, from, to }) => ({ path, ...(to !== undefined && { from: to }), ...(from !== undefined && { to: from }) }));

/** The tags that some images had, each once. */
export const tagsBefore = (changes: readonly ImageChange[]): string => [...new Set(changes.map(({ from = "" }) => tagOf(from)))].join(", ");

/** What has the images of the starter: its Deployments and its migration, or its chart. */
const HAS_IMAGES = /::[^:]*stackyard:starter:\w+\$kubernetes:(apps\/v1:Deployment|batch\/v1:Job|helm\.sh\/v3:Release)::/;

/** Steps of a preview that a tag does not bring about. */
export const beside = (planned: readonly PlannedStep[]): PlannedStep[] => planned.filter(({ urn }) => !HAS_IMAGES.test(urn));

/**
 * How a release ended. It is `begun` until then: one that stays so was killed on its way. `rolled back`: the tag before is deployed again;
 * `stuck`: it is not, as that has failed, too; `interrupted`: by ctrl-C, and nothing was done about it.
 */
export type Outcome = "begun" | "succeeded" | "rolled back" | "stuck" | "interrupted";

/** What is kept of one release. */
export interface Release {
  /** When it began: ISO 8601, in UTC. */
  readonly at: string;
  readonly by: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
  readonly seconds?: number;
  /** What went wrong: the row of `verify` that was red, or that the update failed. */
  readonly why?: string;
}

/** How Pulumi's backends name and limit a stack's tags, which they all keep beside the state. */
const PREFIX = "stackyard:release-";
const LONGEST = 256;
/** So many are kept. */
export const KEPT = 50;

/** Name of the stack's tag that has the record of a release. */
export const tagNameOf = ({ at }: Pick<Release, "at">): string => PREFIX + at.replace(/\.\d+|[-:]/g, "");

/** A record as the value of a stack's tag. What went wrong is cut where it does not fit. */
export function recordOf({ why, ...release }: Release): string {
  const textOf = (why?: string) => JSON.stringify({ ...release, ...(why !== undefined && { why }) });
  let cut = why;
  while (cut !== undefined && cut !== "" && textOf(cut).length > LONGEST) cut = cut.slice(0, -1);
  return textOf(cut);
}

/** The releases that a stack's tags tell of, the newest first. */
export const releasesIn = (tags: Readonly<Record<string, string>>): Release[] =>
  namesIn(tags).map((name) => JSON.parse(tags[name] ?? "") as Release);

/** Names of the tags whose records are too old to be kept. */
export const outdated = (tags: Readonly<Record<string, string>>): string[] => namesIn(tags).slice(KEPT);

const namesIn = (tags: Readonly<Record<string, string>>): string[] =>
  Object.keys(tags)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .reverse();
