import { once } from "node:events";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../errors";
import { signal } from "../../interrupt";
import { serviceOptions, withSession } from "./change";
import type { Session, SessionOptions } from "./session";

interface ServeOptions extends SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly rate: number;
  readonly logLevel: string;
  readonly worker: boolean;
}

const LEVELS = ["debug", "info", "warn", "error", "silent"];

const numberFrom = (least: number, most: number) => (given: string) => {
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
};

export const serve = serviceOptions(new Command("serve"))
  .description("Serves the HTTP API (docs/tenants-api.md), and works on what is asked for, until ctrl-C or SIGTERM. Its log is JSON lines.")
  .addOption(new Option("--host <address>", "address to listen on; beyond this machine, put TLS in front of it").default("127.0.0.1"))
  .addOption(new Option("--port <port>", "port to listen on; 0: one that is free").argParser(numberFrom(0, 65_535)).default(8642))
  .addOption(new Option("--rate <requests>", "requests of one token a minute").argParser(numberFrom(1, 1_000_000)).default(3000))
  .addOption(new Option("--log-level <level>", "least that is logged").choices(LEVELS).default("info"))
  .addOption(new Option("--no-worker", "serve alone: `stackyard tenants reconcile --watch` works, on a server's registry"))
  .action((options: ServeOptions) => withSession(options, (session) => serveUntilStopped(session, options)));

async function serveUntilStopped({ tenants, db, keyring, worker }: Session, options: ServeOptions): Promise<void> {
  const [{ loggerOf, serve }, { Tokens }, { sql }] = await Promise.all([
    import("../../../tenants/http"),
    import("../../../tenants/http/tokens"),
    import("kysely"),
  ]);
  const { host, port, rate } = options;
  keyring.check();
  const serving = await serve({
    service: tenants,
    tokens: new Tokens(db, keyring),
    ping: () => sql`select 1`.execute(db),
    logger: loggerOf(options.logLevel),
    rate,
    host,
    port,
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.syscall === "listen" ? cannotListen(error, options) : error;
  });
  const hand = options.worker ? worker({ log: serving.log }) : undefined;
  const working = hand?.run();
  const stopped = signal.aborted ? Promise.resolve() : once(signal, "abort");
  try {
    await (working === undefined ? stopped : Promise.race([stopped, working]));
  } finally {
    await serving.stop();
    hand?.stop();
    await working;
  }
}

function cannotListen({ code }: NodeJS.ErrnoException, { host, port }: ServeOptions): UserError {
  const why = code === "EADDRINUSE" ? "another program listens there" : code;
  return new UserError(`cannot listen on ${host}:${port}: ${why}`, [`npx stackyard tenants serve --port ${port + 1}`]);
}
