import type * as pulumi from "@pulumi/pulumi";
import { LAYER_NAMES, printable, type LayerName, type Sections, type StackConfig } from "../config";
import { bind } from "./cluster";
import { deployDotdo } from "./dotdo";
import type { LayerContext } from "./layer";
import { exportsOf } from "./outputs";

/** What a layer leaves behind for others. */
interface Deployed {
  /** What it exports under its name. */
  readonly outputs: pulumi.Inputs;
  /** Objects that a destroy leaves in the cluster. */
  readonly kept: readonly pulumi.Input<pulumi.Inputs>[];
}

/** How each layer of the config is deployed. */
const DEPLOY: { readonly [Name in LayerName]: (context: LayerContext, section: Sections[Name]) => Deployed } = {
  dotdo: deployDotdo,
};

/** Deploys the layers that a config names, on the cluster that it names, and returns what the stack exports. */
export async function deploy(config: StackConfig) {
  try {
    const context = { provider: await bind(config), protect: config.protected };
    const deployed = LAYER_NAMES.flatMap((name) => {
      const section = config.layers[name];
      return section ? [{ name, ...DEPLOY[name](context, section) }] : [];
    });
    const { context: kubeContext, uid } = config.cluster;
    return exportsOf({
      cluster: { context: kubeContext, uid },
      ...Object.fromEntries(deployed.map(({ name, outputs }) => [name, outputs])),
      kept: deployed.flatMap(({ kept }) => kept),
    });
  } catch (error) {
    throw printable(error);
  }
}
