import { Option, type Command } from "commander";
import { reasonOf, TRY_AGAIN } from "../../../tenants/errors";
import type { OperationView } from "../../../tenants/schemas";
import { UserError } from "../../errors";
import { signal } from "../../interrupt";
import { clusterOption, jsonOption, sandboxOption, yesOption } from "../../options";
import { step } from "../../steps";
import type { Session, SessionOptions } from "./session";
import { tenantFacts } from "./shown";

/** Environment whose service is meant where none is named. */
const STACK = "dev";

export interface TenantOptions extends SessionOptions {
  readonly json: boolean;
  readonly wait: boolean;
}

/** Options that every command of the service has. */
export const serviceOptions = (command: Command): Command =>
  command
    .addOption(new Option("--stack <stack>", "environment whose service it is: one Pulumi.<stack>.yaml").default(STACK))
    .addOption(sandboxOption())
    .addOption(clusterOption())
    .addOption(yesOption())
    .addOption(jsonOption());

/** A line that is to be typed next: a command of the service names the service that the options lead to, and what follows `#` stays at its end. */
export function nextIn({ stack, sandbox, cluster }: SessionOptions, line: string): string {
  const place = [
    ...(stack === STACK ? [] : ["--stack", stack]),
    ...(cluster !== undefined ? ["--cluster", cluster] : sandbox === sandboxOption().defaultValue ? [] : ["--sandbox", sandbox]),
  ];
  return line.replace(/^npx stackyard tenants [^#]*?(?=\s*(?:#|$))/, (command) => [command, ...place].join(" "));
}

export const waitOption = () => new Option("--no-wait", "ask for it, and let another worker do it");

/** Opens the service, and closes it whatever happens. */
export async function withSession<T>(options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const { openSession, told } = await import("./session"); // Pulumi and the database take a second to load
  const session = await openSession(options);
  try {
    return await work(session);
  } catch (error) {
    const said = told(error);
    throw said instanceof UserError
      ? new UserError(
          said.message,
          said.remedy.map((line) => nextIn(options, line)),
        )
      : said;
  } finally {
    await session.close();
  }
}

/** Has what is shown be what the cluster has now; where that does not answer, it is what was seen last, which is said. */
export async function lookFirst({ db, cluster }: Session): Promise<void> {
  const { seeAll } = await import("../../../tenants/sight");
  await seeAll(db, cluster).catch((error: unknown) => {
    console.error(`  States are as they were seen last: ${reasonOf(error)}`);
  });
}

/**
 * Asks for a change, works on it until it has ended, and shows the tenant.
 *
 * @throws UserError where the operation failed
 */
export async function change(options: TenantOptions, ask: (session: Session) => Promise<OperationView>): Promise<void> {
  await withSession(options, async (session) => {
    if (options.wait) session.keyring.check(); // before anything is asked for that this process could not do
    const asked = await ask(session);
    const operation = options.wait ? await finished(session, asked) : asked;
    const tenant = await session.tenants.show(operation.user, session.caller).catch(() => undefined); // its data may be gone
    if (options.json) console.log(JSON.stringify({ operation, tenant }, undefined, 2));
    else {
      console.log(
        `Operation ${operation.id}: ${operation.kind} ${operation.state}${operation.waiting ? `, waits for ${operation.waiting}` : ""}`,
      );
      if (tenant !== undefined) console.log(tenantFacts(tenant));
    }
    if (operation.state === "failed") {
      // one that is wished yet is not tried again of itself
      const waits = tenant?.state === "failing" && tenant.reachedGeneration < tenant.generation;
      throw new UserError(`${operation.kind} of tenant "${operation.user}" failed: ${operation.error}`, [
        `npx stackyard tenants show ${operation.user}`,
        ...(waits ? [`${TRY_AGAIN}   # once that is mended`] : []),
      ]);
    }
  });
}

/** Works on the service's shards until an operation has ended, or waits for days. */
async function finished({ tenants, caller, worker }: Session, { id, kind, user }: OperationView): Promise<OperationView> {
  return step(`${kind} of tenant "${user}"`, async (say) => {
    let last = await tenants.operation(id, caller);
    const hand = worker({ log: say });
    signal.addEventListener("abort", () => hand.stop());
    let told = "";
    await hand.run(async () => {
      last = await tenants.operation(id, caller);
      const now = [last.step, last.error ?? last.waiting].filter(Boolean).join(": ");
      if (now !== told && now !== "") say(now);
      told = now;
      return last.finishedAt !== undefined || last.step === "grace";
    });
    return tenants.operation(id, caller);
  });
}
