import { readFileSync } from "node:fs";
import type { World } from "./plugins-trial";

const { load } = require("../../runtime/build.cjs") as { load: (entry: string) => unknown };
const { open } = load("sandbox/index.ts") as typeof import("../../sandbox");
const { reset } = load("sandbox/cluster/index.ts") as typeof import("../../sandbox/cluster");
const { ensure } = load("sandbox/toolchain/index.ts") as typeof import("../../sandbox/toolchain");

/** Opens a sandbox for a suite, with whichever plugins can be had here; the programs that it brings are found by this process too. */
export async function openWorld(name: string): Promise<World> {
  const path = process.env.PATH;
  await reset(name); // what a run that was ended has left
  const { cluster, env } = await open(name, (_title, run) => run(() => {}), { clients: true });
  process.env.PATH = env.PATH;
  return {
    env,
    kubeconfig: readFileSync(cluster.kubeconfig, "utf8"),
    close: async () => {
      process.env.PATH = path;
      await reset(name);
    },
  };
}

/** Path of a program of the toolchain, built if need be. */
export const ensureProgram = async (program: "pulumi-resource-kubernetes"): Promise<string> =>
  (await ensure([program], () => {}))[program].path;
