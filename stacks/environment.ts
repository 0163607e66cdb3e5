import * as pulumi from "@pulumi/pulumi";
import { LAYER_NAMES, printable, type LayerName, type Sections, type StackConfig } from "../config";
import { refuseChangeOver } from "./change-over";
import { askBound, providerOf } from "./cluster";
import { dnsOf } from "./dns";
import { prepareDotdo } from "./dotdo";
import { prepareFluxionDb } from "./fluxiondb";
import { handOver, type Deploy, type Deployed, type LayerContext, type Questions } from "./layer";
import { exportsOf } from "./outputs";
import { deployPlatform } from "./platform";
import { refuseMissing, refuseWithoutBackups } from "./platform-needs";
import { preparePlinko } from "./plinko";
import { stackReader, type ReadStack } from "./references";
import { useRegistry } from "./registry";
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
  dotdo: prepareDotdo,
  fluxiondb: prepareFluxionDb,
  plinko: preparePlinko,
  starter: atOnce(deployStarter),
};

/** Deploys the layers that a config names, on the cluster that it names, and returns what the stack exports. */
export async function deploy(config: StackConfig) {
  try {
    const questions = { stack: config.stack, ask: await askBound(config), read: stackReader() };
    const platform = await platformOf(config, questions.read);
    // every layer has asked, and may refuse, before anything is planned
    const ready = await Promise.all(LAYER_NAMES.map((name) => prepared(name, questions, config.layers)));
    const provider = providerOf(config.cluster);
    const context = { provider, protect: config.protected, pullsIn: useRegistry(config, provider) };
    const deployed: (Deployed & { readonly name: LayerName })[] = [];
    for (const layer of ready) {
      await handOver(); // of the provider first: its plugin starts meanwhile
      const operators = deployed.flatMap((earlier) => earlier.operators ?? []);
      if (layer) deployed.push({ name: layer.name, ...(await layer.deploy({ ...context, operators })) });
    }
    const secrets = deployed.flatMap(({ name, secrets }) => (secrets && Object.keys(secrets).length > 0 ? [[name, secrets]] : []));
    return exportsOf({
      cluster: { context: config.cluster.context, uid: config.cluster.uid },
      ...Object.fromEntries(deployed.map(({ name, outputs }) => [name, outputs])),
      dns: dnsOf(
        deployed.flatMap(({ served = [] }) => served),
        platform?.gateway?.addresses ?? ownGateway(deployed),
      ),
      ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) as pulumi.Inputs }),
      kept: deployed.flatMap(({ kept }) => kept),
    });
  } catch (error) {
    throw printable(error);
  }
}

/** The other stack's platform that this one stands on, if it does. What sections name of it, or of their own, must be there. */
async function platformOf(config: StackConfig, read: ReadStack) {
  refuseWithoutBackups(config);
  if (config.platformStack === undefined) return undefined;
  const { platform } = await read(config.platformStack, ["platform"]);
  refuseMissing(config, config.platformStack, platform);
  return platform;
}

/** Addresses of the Gateway of the stack's own platform, if it has one. */
const ownGateway = (deployed: readonly Deployed[]): pulumi.Output<string[]> =>
  pulumi
    .output(deployed.map(({ outputs }) => outputs["gateway"] as pulumi.Input<{ addresses: string[] }> | undefined))
    .apply((gateways) => gateways.flatMap((gateway) => gateway?.addresses ?? []));

async function prepared<Name extends LayerName>(name: Name, questions: Questions, layers: StackConfig["layers"]) {
  const section = layers[name];
  if (section) await refuseChangeOver(name, questions, section);
  return section && { name, deploy: await LAYERS[name](questions, section) };
}
