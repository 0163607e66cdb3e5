import { Argument, Command, Option } from "commander";
import { execa } from "execa";
import { userInfo } from "node:os";
import type { Result } from "../../verify";
import { plannedBy, shown } from "../changes";
import { hasSpoken, UserError } from "../errors";
import type { ImageChange, Update } from "../images";
import { interrupted } from "../interrupt";
import { clusterOption, jsonOption, sandboxOption, stackArgument, yesOption } from "../options";
import { ask } from "../pulumi";
import { releaseDeadLock } from "../recovery";
import { beside, isTag, outdated, recordOf, releasesIn, retagged, reversed, tagNameOf, tagsBefore, type Release } from "../releases";
import { tryingImages } from "../stack-file";
import { step } from "../steps";
import { table } from "../table";
import { confirm, nextOn, targetsOf, type Target, type TargetOptions } from "../target";
import { judged } from "../verdict";
import { secondsIn, verified } from "./verify";

interface ReleaseOptions extends TargetOptions {
  readonly tag?: string;
  readonly list: boolean;
  readonly json: boolean;
  readonly wait: number;
}

const SYSTEM = "starter";

export const release = new Command("release")
  .summary("release a tag of the starter: migrate, roll out, verify, and back if it fails")
  .description(
    "Gives all images of the starter another tag and brings the stack up: the migration first, then the pods. Looks then whether the starter is well. Where either fails, the tag before is brought back; the database stays migrated. What came of it is kept with the stack's state.",
  )
  .addArgument(new Argument("<system>", "system to release").choices([SYSTEM]))
  .addArgument(stackArgument())
  .addOption(new Option("--tag <tag>", "tag to release, as in 1.5.0"))
  .addOption(new Option("--list", "tell of the releases before, and do nothing").default(false).conflicts("tag"))
  .addOption(
    new Option("--wait <seconds>", "how long the starter may take to be well, once it is rolled out").argParser(secondsIn).default(120),
  )
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addOption(jsonOption())
  .action(async (_system: string, stack: string, options: ReleaseOptions) => {
    const { tag } = options;
    if (!options.list && tag === undefined) throw new UserError("--tag is missing: it names what to release", [naming(stack)]);
    if (tag !== undefined && !isTag(tag)) {
      throw new UserError(
        `"${tag}" is no tag: it has letters, digits, _, . and -, begins with none of the last two, and is at most 128 long`,
        [naming(stack)],
      );
    }
    const [target] = await targetsOf([stack], { ...options, yes: true }); // it asks once it knows what would change
    if (tag === undefined) return list(target!, options.json);
    await releaseDeadLock(target!);
    const changes = await changesTo(target!, tag);
    await released(target!, tag, changes, options);
  });

const naming = (stack: string): string => `npx stackyard release ${SYSTEM} ${stack} --tag 1.5.0`;
/** Commands to type next where a release was. */
const again = (target: Target, tag: string): string => nextOn(target, "release", SYSTEM, target.stack, "--tag", tag);
const back = (target: Target): string => nextOn(target, "rollback", target.stack, SYSTEM);
const bringUp = (target: Target): string => nextOn(target, "up", target.stack);

const tagsOf = (target: Target): Promise<Record<string, string>> => ask(target, ["stack", "tag", "ls", "--json"]);

async function list(target: Target, json: boolean): Promise<void> {
  const releases = releasesIn(await tagsOf(target));
  if (json) return console.log(JSON.stringify(releases, undefined, 2));
  if (releases.length === 0) return console.log(`No release of ${SYSTEM} on stack "${target.stack}" is known.`);
  const rows = releases.map(({ at, by, from, to, outcome, seconds, why = "" }) => [
    at,
    by,
    from,
    to,
    outcome,
    seconds === undefined ? "" : `${seconds} s`,
    why,
  ]);
  console.log(table(["when", "who", "from", "to", "outcome", "took", "why"], rows));
}

/**
 * What a tag changes of what is deployed.
 *
 * @throws UserError where there is nothing to change, or the last update did not succeed
 */
async function changesTo(target: Target, tag: string): Promise<ImageChange[]> {
  const { stack } = target;
  const history = await ask<Update[]>(target, ["stack", "history", "--json"]);
  const newest = history.find(({ kind }) => kind === "update" || kind === "destroy");
  const section = newest?.kind === "update" ? newest.config?.[`stackyard:${SYSTEM}`]?.value : undefined;
  if (section === undefined) {
    throw new UserError(`stack "${stack}" has no ${SYSTEM} deployed: a release goes from a tag that is there to another`, [
      bringUp(target),
    ]);
  }
  if (newest?.result !== "succeeded") {
    throw new UserError(`the last update of stack "${stack}" did not succeed, so that nobody knows what a release would go back to`, [
      `${bringUp(target)}   # once it is mended`,
      back(target),
    ]);
  }
  const changes = retagged(JSON.parse(section) as Record<string, unknown>, tag);
  if (changes.length > 0) return changes;
  throw new UserError(`${SYSTEM} of stack "${stack}" has tag ${tag} already`, [nextOn(target, "verify", stack)]);
}

async function released(target: Target, tag: string, changes: readonly ImageChange[], options: ReleaseOptions): Promise<void> {
  const { stack } = target;
  const from = tagsBefore(changes);
  await tryingImages(target, changes, async (trial, keep) => {
    const planned = await step("Preview", () => plannedBy(trial, again(target, tag)));
    console.log(`${SYSTEM} of stack "${stack}" goes from ${from} to ${tag}:\n${shown(planned)}\n`);
    const more = beside(planned);
    if (more.length > 0) {
      throw new UserError(`the stack's file asks for more than another tag, and nothing was changed:\n${shown(more)}`, [
        `${bringUp(target)}   # with the tag as it is; then the release`,
      ]);
    }
    if (!options.yes) await confirm(stack, `Stack "${stack}" is about to get ${tag} of ${SYSTEM}`, "--yes");
    keep();
  });

  const started = Date.now();
  const begun: Release = { at: new Date(started).toISOString(), by: who(), from, to: tag, outcome: "begun" };
  await keepRecord(target, begun);
  const ended = (end: Pick<Release, "outcome" | "why">) =>
    keepRecord(target, { ...begun, ...end, seconds: Math.round((Date.now() - started) / 1000) });

  const why = await tried(target, tag, from, options.wait);
  if (interrupted()) {
    await ended({ outcome: "interrupted", why });
    console.error(`\nThe release of ${tag} was interrupted. Back to ${from}: ${back(target)}`);
    throw new Error("interrupted"); // the command ends with 130, and says nothing more
  }
  if (why === undefined) {
    await ended({ outcome: "succeeded" });
    console.log(`\n${SYSTEM} of stack "${stack}" is released: ${tag}, before it ${from}.`);
    return;
  }
  console.error(`\nThe release of ${tag} failed (${why}). Back to ${from}; what is migrated stays so.\n`);
  const stuck = await takenBack(target, tag, from, changes);
  await ended({ outcome: stuck === undefined ? "rolled back" : "stuck", why });
  if (interrupted()) console.error(`\nThe way back was interrupted. Once more: ${back(target)}`);
  throw stuck === undefined
    ? new UserError(`the release of ${tag} failed (${why}); ${from} is deployed again, on the database as ${tag} has migrated it`, [
        `${nextOn(target, "release", SYSTEM, stack)} --list`,
      ])
    : new UserError(`the release of ${tag} failed (${why}), and so did the way back (${stuck})`, [
        back(target),
        nextOn(target, "verify", stack),
      ]);
}

/** Brings the stack up, and looks whether the starter is well. Returns what went wrong, if anything did. */
async function tried(target: Target, to: string, from: string, wait: number): Promise<string | undefined> {
  const failed = await broughtUp(target, `release: ${SYSTEM} ${from} to ${to}`);
  if (failed !== undefined) return failed;
  try {
    const red = (await verified(target, wait, SYSTEM)).filter(({ status }) => status === "failed");
    return red.length === 0 ? undefined : red.map(told).join("; ");
  } catch (error) {
    return `it could not be verified: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const told = ({ check, object, found }: Result): string => `${check.id}: ${object.kind} ${object.name} ${found}`;

/** Brings the images before back. Returns what went wrong, if anything did. */
async function takenBack(target: Target, to: string, from: string, changes: readonly ImageChange[]): Promise<string | undefined> {
  await tryingImages(target, reversed(changes), async (_trial, keep) => keep());
  return broughtUp(target, `release: ${SYSTEM} back from ${to} to ${from}`);
}

async function broughtUp(target: Target, message: string): Promise<string | undefined> {
  try {
    await judged(target, "up", ["--yes", "--skip-preview", "--suppress-outputs", "--message", message]);
    return undefined;
  } catch (error) {
    if (hasSpoken(error) || interrupted()) return "the update failed";
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whoever runs it, as CI or the machine names them. */
const who = (): string => (process.env["GITHUB_ACTOR"] ?? userInfo().username).slice(0, 40);

/** Keeps a record in the tags of the stack, which are with its state, and lets go of those that are too old. */
async function keepRecord(target: Target, record: Release): Promise<void> {
  const { env } = target;
  await execa("pulumi", ["stack", "tag", "set", tagNameOf(record), recordOf(record)], { env });
  for (const name of outdated(await tagsOf(target))) await execa("pulumi", ["stack", "tag", "rm", name], { env });
}
