import { createReadStream, existsSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import { UserError } from "../../errors";
import { checkReadable, checkWritable } from "../../files";
import { nextIn, serviceOptions, withSession, type TenantOptions } from "./change";

export const exportCommand = serviceOptions(new Command("export"))
  .description(
    "Writes the whole registry to a file that is its owner's alone, a line a row, as it is at one moment. The keyring is not in it.",
  )
  .argument("<file>")
  .action(async (path: string, options: TenantOptions) => {
    if (existsSync(path)) {
      throw new UserError(`${path} is there already, and none is overwritten`, [
        nextIn(options, `npx stackyard tenants export registry-${new Date().toISOString().slice(0, 10)}.jsonl`),
      ]);
    }
    checkWritable("<file>", path);
    await withSession(options, async ({ db }) => {
      const { linesOf } = await import("../../../tenants/registry/copy");
      const file = await open(path, "wx", 0o600);
      let lines = 0;
      async function* written() {
        for await (const line of linesOf(db)) {
          lines += 1;
          yield `${line}\n`;
        }
      }
      await pipeline(written, file.createWriteStream()).catch((error: unknown) => {
        rmSync(path, { force: true }); // half of a registry
        throw error;
      });
      console.error(`  ${lines - 1} rows are in ${path}. Keep the keyring, too, elsewhere: without it no key can be opened.`);
    });
  });

export const importCommand = serviceOptions(new Command("import"))
  .description("Fills an empty registry with what `export` has written. Every shard is then looked at before it is changed.")
  .argument("<file>")
  .action(async (path: string, options: TenantOptions) => {
    checkReadable("<file>", path);
    await withSession(options, async ({ db }) => {
      const { fill } = await import("../../../tenants/registry/copy");
      const rows = await fill(db, createInterface({ input: createReadStream(path) }));
      console.error(`  ${rows} rows are in the registry. What to type next: ${nextIn(options, "npx stackyard tenants reconcile")}`);
    });
  });
