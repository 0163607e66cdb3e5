import { execa } from "execa";
import { checkout } from "../sandbox/paths";
import type { Export } from "./objects";

/** Brings a stack up once, and returns all that it has then, secrets in clear. */
export async function broughtUp(env: Readonly<Record<string, string>>): Promise<Export> {
  await execa("pulumi", ["up", "--yes", "--skip-preview"], { cwd: checkout(), env, all: true });
  const { stdout } = await execa("pulumi", ["stack", "export", "--show-secrets"], { cwd: checkout(), env });
  return JSON.parse(stdout) as Export;
}
