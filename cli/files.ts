import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "./errors";

const there = (path: string) => statSync(path, { throwIfNoEntry: false });
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/**
 * Sees to it that a file can be written once there is something to write.
 *
 * @param what the option or argument that names it
 * @throws UserError before anything is done
 */
export function checkWritable(what: string, path: string): void {
  const folder = dirname(path);
  const parent = there(folder);
  if (!parent?.isDirectory())
    throw new UserError(`${what} is ${path}, and there is no folder ${folder}`, parent ? [] : [`mkdir -p ${folder}`]);
  if (there(path)?.isDirectory()) throw new UserError(`${what} takes a file, and ${path} is a folder`);
  try {
    accessSync(there(path) ? path : folder, constants.W_OK);
  } catch (error) {
    throw new UserError(`${what} is ${path}, which cannot be written: ${codeOf(error)}`, [`ls -ld ${folder} ${path}`]);
  }
}

/** @throws UserError where there is no file that can be read */
export function checkReadable(what: string, path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new UserError(`${what} is ${path}, which cannot be read: ${codeOf(error)}`, [`ls -l ${path}`]);
  }
  if (there(path)?.isDirectory()) throw new UserError(`${what} takes a file, and ${path} is a folder`);
}
