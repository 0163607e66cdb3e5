import { sessionOn, type Session } from "../../cli/commands/tenants/session";
import type { Target } from "../../cli/target";
import { Fleet } from "../../tenants/fleet";

/** What a worker of a test is to do, in its one argument, as JSON. */
export interface Orders {
  readonly target: Target;
  /** What to ask for first. */
  readonly ask?: { readonly method: string; readonly args: readonly unknown[] };
  /** Where it kills itself, as `kill -9` does: at a step of an operation, or once so many resources were changed. */
  readonly die?: { readonly kind: string; readonly step: string; readonly at: string } | { readonly resources: number };
  /** Whether it stops where it would die, and goes on when it is told to. */
  readonly freeze?: boolean;
}

/** A worker as a process of its own: asks, works until nothing is left to do, and prints what it was answered. */
async function main({ target, ask, die, freeze = false }: Orders): Promise<void> {
  const session = await sessionOn(target);
  const end = () => process.kill(process.pid, freeze ? "SIGSTOP" : "SIGKILL");
  let changed = 0;
  try {
    const answer = ask && (await asked(session, ask));
    const worker = session.worker({
      log: (line) => console.error(line),
      onMoment: ({ operation, step, at }) => {
        console.error(`${operation.kind} ${step} ${at}`);
        if (die !== undefined && "step" in die && die.kind === operation.kind && die.step === step && die.at === at) end();
      },
      onEvent: ({ resOutputsEvent }) => {
        if (
          resOutputsEvent?.metadata.type.startsWith("kubernetes:") &&
          ++changed &&
          die !== undefined &&
          "resources" in die &&
          die.resources === changed
        )
          end();
      },
    });
    await worker.run(async () => worker.idle());
    console.log(JSON.stringify(answer ?? {}));
  } finally {
    await session.close();
  }
}

async function asked({ tenants, caller, db }: Session, { method, args }: NonNullable<Orders["ask"]>): Promise<unknown> {
  if (method === "upgrade") return new Fleet(db).ask(args as string[], "1.0.4", caller);
  return (tenants[method as "show"] as (...given: unknown[]) => Promise<unknown>)(...args, caller);
}

void main(JSON.parse(process.argv[2] ?? "") as Orders).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
