import { LAYER_NAMES, printable, type LayerName, type Sections, type StackConfig } from "../config";
import { bind } from "./cluster";
import { deployDotdo } from "./dotdo";
import { prepareFluxionDb } from "./fluxiondb";
import type { Deploy, Deployed, LayerContext } from "./layer";
import { exportsOf } from "./outputs";
import { preparePlinko } from "./plinko";
import { deployStarter } from "./starter";

type Layer<Section> = (context: LayerContext, section: Section) => Promise<Deploy>;

/** A layer that asks the cluster for nothing. */
const atOnce =
  <Section>(deploy: (context: LayerContext, section: Section) => Deployed): Layer<Section> =>
  (context, section) =>
    Promise.resolve(() => deploy(context, section));

/** How each layer of the config is deployed: what it asks of the cluster comes first, and what then is planned. */
const LAYERS: { readonly [Name in LayerName]: Layer<Sections[Name]> } = {
  dotdo: atOnce(deployDotdo),
  fluxiondb: prepareFluxionDb,
  plinko: preparePlinko,
  starter: atOnce(deployStarter),
};

/** Deploys the layers that a config names, on the cluster that it names, and returns what the stack exports. */
export async function deploy(config: StackConfig) {
  try {
    const context = { stack: config.stack, protect: config.protected, ...(await bind(config)) };
    // every layer has asked, and may refuse, before the first one plans anything
    const ready = await Promise.all(LAYER_NAMES.map((name) => prepared(name, context, config.layers)));
    const deployed = ready.flatMap((layer) => (layer ? [{ name: layer.name, ...layer.deploy() }] : []));
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

async function prepared<Name extends LayerName>(name: Name, context: LayerContext, layers: StackConfig["layers"]) {
  const section = layers[name];
  return section && { name, deploy: await LAYERS[name](context, section) };
}
