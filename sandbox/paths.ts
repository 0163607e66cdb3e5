import envPaths from "env-paths";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Root of the checkout that this code is of, also where it runs compiled. */
export function checkout(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** What checkouts share, and can be made again: `$STACKYARD_CACHE`, else the user's cache folder. */
export const cacheDir = (): string => process.env.STACKYARD_CACHE ?? envPaths("stackyard", { suffix: "" }).cache;

/**
 * Where one sandbox keeps all that it has, in the checkout.
 *
 * @param name 1 to 30 of a-z, 0-9 and "-", with a letter first and no dash last
 * @throws RangeError where the name is another
 */
export function sandboxDir(name: string): string {
  if (!/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) {
    throw new RangeError(`"${name}" is no name for a sandbox: use 1 to 30 of a-z, 0-9 and "-", with a letter first and no dash last`);
  }
  return join(checkout(), ".sandbox", name);
}
