/** The part of Stryker's report that counts. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

interface Score {
  /** Mutants that a test could have killed. */
  readonly mutants: number;
  readonly killed: number;
  /** Percent, rounded down to a tenth. */
  readonly score: number;
}

const KILLED = ["Killed", "Timeout"];
/** What was not tried: it does not compile, or is prose. */
const UNTRIED = ["CompileError", "RuntimeError", "Ignored"];

function count(statuses: readonly string[]): Score {
  const tried = statuses.filter((status) => !UNTRIED.includes(status));
  const killed = tried.filter((status) => KILLED.includes(status)).length;
  return { mutants: tried.length, killed, score: tried.length === 0 ? 100 : Math.floor((1000 * killed) / tried.length) / 10 };
}

/** How many mutants tests have killed, of all files and of each. */
export function scoreOf({ files }: Report): Score & { readonly files: Readonly<Record<string, Score>> } {
  const statuses = Object.entries(files).map(([name, { mutants }]) => [name, mutants.map(({ status }) => status)] as const);
  return {
    ...count(statuses.flatMap(([, all]) => all)),
    files: Object.fromEntries(statuses.map(([name, all]) => [name, count(all)])),
  };
}
