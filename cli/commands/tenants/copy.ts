import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { Command } from "commander";
import { serviceOptions, withSession, type TenantOptions } from "./change";

export const exportCommand = serviceOptions(new Command("export"))
  .description(
    "Writes the whole registry to a file that is its owner's alone, a line a row, as it is at one moment. The keyring is not in it.",
  )
  .argument("<file>")
  .action(async (path: string, options: TenantOptions) => {
    await withSession(options, async ({ db }) => {
      const { linesOf } = await import("../../../tenants/registry/copy");
      const file = createWriteStream(path, { mode: 0o600, flags: "wx" });
      await once(file, "open");
      let rows = 0;
      for await (const line of linesOf(db)) {
        rows += 1;
        if (!file.write(`${line}\n`)) await once(file, "drain");
      }
      file.end();
      await once(file, "finish");
      console.error(`  ${rows} rows are in ${path}. Keep the keyring, too, elsewhere: without it no key can be opened.`);
    });
  });

export const importCommand = serviceOptions(new Command("import"))
  .description("Fills an empty registry with what `export` has written. Every shard is then looked at before it is changed.")
  .argument("<file>")
  .action(async (path: string, options: TenantOptions) => {
    await withSession(options, async ({ db }) => {
      const { fill } = await import("../../../tenants/registry/copy");
      const rows = await fill(db, createInterface({ input: createReadStream(path) }));
      console.error(`  ${rows} rows are in the registry. What to type next: npx stackyard tenants reconcile`);
    });
  });
