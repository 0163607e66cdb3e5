import { LAYER_NAMES, printable, type LayerName, type Sections, type StackConfig } from "../config";
import { refuseChangeOver } from "./change-over";
import { askBound, providerOf } from "./cluster";
import { deployDotdo } from "./dotdo";
import { prepareFluxionDb } from "./fluxiondb";
import type { Deploy, Deployed, LayerContext, Questions } from "./layer";
import { exportsOf } from "./outputs";
import { deployPlatform } from "./platform";
import { refuseMissing, refuseWithoutBackups } from "./platform-needs";
import { preparePlinko } from "./plinko";
import { readStack } from "./references";
import { deployStarter } from "./starter";

type Layer<Section> = (questions: Questions, section: Section) => Promise<Deploy>;

/** A layer that asks the cluster for nothing. */
const atOnce =
  <Section>(deploy: (context: LayerContext, section: Section) => Deployed): Layer<Section> =>
  (_questions, section) =>
    Promise.resolve((context) => deploy(context, section));

/** How each layer of the config is deployed: what it asks of the cluster comes first, and what then is planned. */
const LAYERS: { readonly [Name in LayerName]: Layer<Sections[Name]> } = {
  platform: atOnce(deployPlatform),
  dotdo: atOnce(deployDotdo),
  fluxiondb: prepareFluxionDb,
  plinko: preparePlinko,
  starter: atOnce(deployStarter),
};

/** Deploys the layers that a config names, on the cluster that it names, and returns what the stack exports. */
export async function deploy(config: StackConfig) {
  try {
    const questions = { stack: config.stack, ask: await askBound(config) };
    await checkPlatform(config);
    // every layer has asked, and may refuse, before anything is planned
    const ready = await Promise.all(LAYER_NAMES.map((name) => prepared(name, questions, config.layers)));
    const context = { provider: providerOf(config.cluster), protect: config.protected };
    const deployed: (Deployed & { readonly name: LayerName })[] = [];
    for (const layer of ready) {
      const operators = deployed.flatMap((earlier) => earlier.operators ?? []);
      if (layer) deployed.push({ name: layer.name, ...layer.deploy({ ...context, operators }) });
    }
    return exportsOf({
      cluster: { context: config.cluster.context, uid: config.cluster.uid },
      ...Object.fromEntries(deployed.map(({ name, outputs }) => [name, outputs])),
      kept: deployed.flatMap(({ kept }) => kept),
    });
  } catch (error) {
    throw printable(error);
  }
}

/** What sections name of the platform, of another stack's or their own, must be there. */
async function checkPlatform(config: StackConfig): Promise<void> {
  refuseWithoutBackups(config);
  if (config.platformStack === undefined) return;
  const { platform } = await readStack(config.platformStack, ["platform"]);
  refuseMissing(config, config.platformStack, platform);
}

async function prepared<Name extends LayerName>(name: Name, questions: Questions, layers: StackConfig["layers"]) {
  const section = layers[name];
  if (section) await refuseChangeOver(name, questions, section);
  return section && { name, deploy: await LAYERS[name](questions, section) };
}
