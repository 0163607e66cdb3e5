import { Command, Option } from "commander";
import { UserError } from "../../errors";
import { signal } from "../../interrupt";
import { step } from "../../steps";
import { lookFirst, serviceOptions, withSession, type TenantOptions } from "./change";

interface ReconcileOptions extends TenantOptions {
  readonly watch: boolean;
  readonly drift: boolean;
  readonly freeHost?: string;
}

export const reconcile = serviceOptions(new Command("reconcile"))
  .description(
    "Works on what is asked for until nothing is left to do now. Any number of these may run beside each other on a server's registry.",
  )
  .addOption(new Option("--watch", "go on until it is stopped").default(false))
  .addOption(new Option("--drift", "look first for what was changed or removed in the cluster, and mend it").default(false))
  .addOption(
    new Option(
      "--free-host <host>",
      "free what a machine that is gone for good has: shards, and locks of their stacks; two ups at once where it is not gone",
    ),
  )
  .action(async (options: ReconcileOptions) => {
    await withSession(options, async (session) => {
      const { db, tenants, worker } = session;
      const { failedShards, freeHost, retryNow } = await import("../../../tenants/shard/lease");
      if (options.freeHost !== undefined) {
        console.error(`  Freed ${await freeHost(db, options.freeHost)} shards of ${options.freeHost}.`);
      }
      await retryNow(db); // who types it has mended what was in the way
      await step("Reconciling", async (say) => {
        const hand = worker({
          log: say,
          ...(options.freeHost !== undefined && { gone: options.freeHost }),
          onMoment: ({ operation, step, at }) => at === "before" || say(`${operation.kind} ${operation.id}: ${step}`),
        });
        signal.addEventListener("abort", () => hand.stop());
        if (options.drift && !(await hand.mend((line) => console.error(`  ${line}`)))) process.exitCode = 1; // the others are worked on all the same
        await hand.run(async () => !options.watch && (await hand.idle()));
      });
      await lookFirst(session);
      const { tenants: states } = await tenants.overview();
      if (options.json) console.log(JSON.stringify(states));
      else
        console.log(
          Object.entries(states)
            .map(([state, count]) => `${count} ${state}`)
            .join(", ") || "there are no tenants",
        );
      const failed = await failedShards(db);
      if (failed.length > 0) {
        throw new UserError(failed.map(({ id, failure }) => `shard ${id} failed as a whole: ${failure}`).join("\n"), [
          "npx stackyard tenants reconcile   # once that is mended",
        ]);
      }
    });
  });
