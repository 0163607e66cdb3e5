import * as z from "zod";

/**
 * When something runs again and again, as cron writes it and Velero reads it (go-cron, ParseStandard): a schedule that Velero cannot
 * read is taken by the API server, and never runs.
 */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
  readonly least: number;
  readonly most: number;
  /** Names of the numbers from `least` on. */
  readonly names?: readonly string[];
}

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

/** One of a field's parts: all, one, or from one to another, and each so many of them. */
const PART = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/([1-9]\d*))?$/;

function isPart(part: string, { least, most, names = [] }: Field): boolean {
  const [whole, from, to = from] = PART.exec(part) ?? [];
  if (whole === undefined || from === undefined) return whole !== undefined;
  const numberOf = (text: string) => {
    const named = names.indexOf(text.toLowerCase());
    return named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const [first, last] = [numberOf(from), numberOf(to ?? from)];
  return first >= least && first <= last && last <= most;
}

const isCron = (cron: string): boolean => {
  const fields = cron.split(" ");
  return fields.length === FIELDS.length && FIELDS.every((field, index) => fields[index]?.split(",").every((part) => isPart(part, field)));
};

const REFUSED = ({ input }: { readonly input?: unknown }) =>
  `${JSON.stringify(input)} is no schedule: write minute, hour, day of the month, month and day of the week (0 to 6, from Sunday), such as "0 3 * * *" for every night at 3`;

export const Cron = z.string({ error: REFUSED }).refine(isCron, { error: REFUSED });
