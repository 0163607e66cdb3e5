import { Plinko, PlinkoArgs } from "../../components/plinko";
import type { PlinkoInput } from "../../components/plinko/options";
import { named, plan } from "./components/engine";

const image = { tag: "1.0.0" };

/** What has no default: the versions of the programs. */
export const given = {
  dbGenerator: { image },
  hintGenerator: { image },
  plinkoUpdateService: { image },
  plinkoPirServer: { image },
  rabbyWallet: { image },
} satisfies PlinkoInput;

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** The first options, changed by what the second ones name. */
export const merged = (base: PlinkoInput, changes: PlinkoInput): PlinkoInput => {
  const merge = (left: Tree, right: Tree): Tree => {
    const both = Object.entries(right).map(([key, value]) => {
      const old = left[key];
      return [key, isTree(old) && isTree(value) ? merge(old, value) : value];
    });
    return { ...left, ...(Object.fromEntries(both) as Tree) };
  };
  return merge(base, changes);
};

/** A class that many nodes can share. */
export const RWX: PlinkoInput = { global: { storageClass: "vultr-vfs-storage" }, persistence: { accessMode: "ReadWriteMany" } };
/** What is planned for the options. */
export const planned = (options: PlinkoInput = {}, transform?: PlinkoArgs["transform"]) =>
  plan(() => new Plinko("plinko", { ...merged(given, options), transform }));
/** One of the children. */
export const child = async (part: string, options?: PlinkoInput) => named(await planned(options), `plinko-${part}`);
