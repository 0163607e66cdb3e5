import { Command, InvalidArgumentError, Option } from "commander";
import { setTimeout } from "node:timers/promises";
import { UpgradeRequest } from "../../../tenants/schemas";
import { UserError } from "../../errors";
import { signal } from "../../interrupt";
import { step } from "../../steps";
import { serviceOptions, withSession, type TenantOptions } from "./change";

type UpgradeOptions = TenantOptions & { readonly tag: string; readonly wave: number };

/** Milliseconds between two looks at a wave. */
const POLL = 500;

const checkedBy =
  <Value>(parse: (text: string) => { data?: Value; error?: { issues: readonly { message: string }[] } }) =>
  (text: string): Value => {
    const { data, error } = parse(text);
    if (data === undefined) throw new InvalidArgumentError(error?.issues[0]?.message ?? "");
    return data;
  };

const { tag, wave } = UpgradeRequest.shape;

export const upgrade = serviceOptions(new Command("upgrade"))
  .description("Gives every tenant another image, in waves: one tenant first. The first bad wave ends it; typed again, it goes on.")
  .addOption(new Option("--tag <tag>", "tag of the image").argParser(checkedBy((text) => tag.safeParse(text))).makeOptionMandatory())
  .addOption(new Option("--wave <count>", "tenants of a wave").argParser(checkedBy((text) => wave.safeParse(Number(text)))).default(10))
  .action(async (options: UpgradeOptions) => {
    await withSession(options, async ({ db, caller, worker }) => {
      const { Fleet } = await import("../../../tenants/fleet");
      const all = await step(`Image ${options.tag} for every tenant`, async (say) => {
        const hand = worker({ log: say });
        signal.addEventListener("abort", () => hand.stop());
        const work = hand.run();
        try {
          return await new Fleet(db).upgrade(
            options.tag,
            options.wave,
            caller,
            () => setTimeout(POLL, undefined, { signal }),
            (rollout) => say(`wave ${rollout.wave}: ${rollout.users.join(", ")} (${rollout.left} left)`),
          );
        } finally {
          hand.stop();
          await work;
        }
      });
      if (all) return;
      throw new UserError(`a tenant of the last wave did not get ready with image ${options.tag}: the waves after it were not begun`, [
        "npx stackyard tenants list --state failing",
        `npx stackyard tenants upgrade --tag <the one before>   # takes those that have the new image back`,
        `npx stackyard tenants upgrade --tag ${options.tag}   # goes on, once it is mended`,
      ]);
    });
  });
