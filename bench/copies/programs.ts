import { join } from "node:path";
import { checkout } from "../../sandbox/paths";
import { toolchainOf } from "../../sandbox/toolchain";
import type { Recipe } from "../../sandbox/toolchain/recipes";

const recipes = { helmfile: { folder: "helmfile", package: "github.com/helmfile/helmfile", minimum: "1.8.0" } } satisfies Record<
  string,
  Recipe
>;

// that of PATH is of any version: a comparison wants the one that it names
export const { ensure } = toolchainOf<keyof typeof recipes>(recipes, (name) => join(checkout(), "bench", "copies", "modules", name), "");
