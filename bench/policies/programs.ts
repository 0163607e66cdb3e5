import { join } from "node:path";
import { checkout } from "../../sandbox/paths";
import { toolchainOf } from "../../sandbox/toolchain";
import { moduleFolder } from "../../sandbox/toolchain/go";
import type { Recipe } from "../../sandbox/toolchain/recipes";

/** Programs that judge manifests, each from the Go module that its makers publish. */
const recipes = {
  "kube-score": { folder: "kube-score", package: "github.com/zegl/kube-score/cmd/kube-score", minimum: "1.20.0" },
  conftest: { folder: "conftest", package: "github.com/open-policy-agent/conftest", minimum: "0.71.1" },
  kyverno: { folder: "kyverno", package: "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno", minimum: "1.19.1" },
} satisfies Record<string, Recipe>;

export type Peer = keyof typeof recipes;
export const PEERS = Object.keys(recipes) as Peer[];

const modules = (name: string): string => join(checkout(), "bench", "policies", "modules", name);

// those of PATH are of any version: a comparison wants the ones that it names
export const { ensure } = toolchainOf<Peer>(recipes, modules, "");

/** Folder with the files of a peer's own module, its test manifests among them. */
export async function filesOf(peer: Peer, signal?: AbortSignal): Promise<string> {
  const { package: main } = recipes[peer];
  return moduleFolder(modules(peer), main.split("/").slice(0, 3).join("/"), signal);
}
