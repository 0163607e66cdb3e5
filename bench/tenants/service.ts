import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { sessionOn, type Session } from "../../cli/commands/tenants/session";
import type { Target } from "../../cli/target";
import type { Orders, Spans, Times } from "./orders";

/** Nobody's key: what has it is removed with its sandbox. */
const KEY = "a-key-of-the-benchmark";
/** Milliseconds between two looks at whether all is done. */
const POLL = 50;
/** RAM that tenants have, and that one has after a change of it. */
const RAM = { first: "512Mi", more: "1Gi" };

/** The service and its worker as a process of their own: asks for tenants, and writes down how long each took from its request to its end. */
async function main({ target, workers, shardSize, bulk, alone, changes, answer }: Orders): Promise<void> {
  setUp(target, { workers, ...(shardSize !== undefined && { shardSize }) });
  const session = await sessionOn(target);
  const worker = session.worker({ log: (line) => console.error(line) });
  const running = worker.run();
  try {
    const provision = (user: string) => session.tenants.provision({ user, ram: RAM.first, apiKey: KEY }, session.caller);
    const times: Times = {
      bulk: await spansOf(session, await Promise.all(bulk.map(provision))),
      alone: await oneByOne(session, alone, provision),
      changes: await oneByOne(session, changes, (user) => session.tenants.resize(user, { ram: RAM.more }, session.caller)),
    };
    writeFileSync(answer, JSON.stringify(times));
  } finally {
    worker.stop();
    await running;
    await session.close();
  }
}

/** Says in the stack's file, which is a copy for the sandbox, how the service is to work. */
function setUp({ env }: Target, section: object): void {
  const path = env["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  const file = parse(readFileSync(path, "utf8")) as { config: object };
  const config = { ...file.config, "stackyard:tenants": section };
  writeFileSync(path, stringify({ ...file, config }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }));
}

type Ask = (user: string) => Promise<{ readonly id: string }>;

async function oneByOne(session: Session, users: readonly string[], ask: Ask): Promise<Spans> {
  const spans: (readonly [number, number])[] = [];
  for (const user of users) spans.push(...(await spansOf(session, [await ask(user)])));
  return spans;
}

/** From the request of each operation to its end. */
async function spansOf({ db }: Session, operations: readonly { readonly id: string }[]): Promise<Spans> {
  const ids = operations.map(({ id }) => id);
  if (ids.length === 0) return [];
  for (;;) {
    const rows = await db.selectFrom("operations").select(["state", "error", "created_at", "finished_at"]).where("id", "in", ids).execute();
    const failed = rows.find(({ state }) => state === "failed");
    if (failed !== undefined) throw new Error(failed.error ?? "an operation failed");
    if (rows.every(({ finished_at }) => finished_at !== null)) {
      return rows.map(({ created_at, finished_at }) => [created_at.getTime(), finished_at?.getTime() ?? NaN]);
    }
    await setTimeout(POLL);
  }
}

void main(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Orders).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
