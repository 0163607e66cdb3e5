import { Plinko } from "../components/plinko";
import { asksForClass, CLASSES_PATH, sharingRefusal, type SharingRefusal } from "../components/plinko/sharing";
import { Refusal, type PlinkoSection } from "../config";
import { commandsFor } from "../config/commands";
import type { Deploy, Deployed, LayerContext } from "./layer";
import { keptClaims } from "./namespace";

const NAME = "plinko";

/**
 * Layer `plinko`: Plinko PIR, which stands on nothing else.
 *
 * @throws Refusal, before anything is planned, where the class of its volume cannot give what the config asks for
 */
export async function preparePlinko({ stack, provider, ask }: LayerContext, section: PlinkoSection): Promise<Deploy> {
  // who may not list classes is not refused: nobody knows
  const classes = asksForClass(section) ? await ask(CLASSES_PATH).catch(() => undefined) : undefined;
  const refusal = classes && sharingRefusal(section, classes);
  if (refusal) throw new Refusal(report(stack, refusal));
  return () => deployPlinko(provider, section);
}

function deployPlinko(provider: LayerContext["provider"], section: PlinkoSection): Deployed {
  const { url, hostUrls, address, namespace, services, jobs, claim } = new Plinko(NAME, section, { provider });
  return {
    outputs: { url, hosts: hostUrls, address, namespace, services, jobs, claim },
    // the data can be made again, which takes an hour: kept only where the owner says so
    kept: section.persistence.retain
      ? [...(section.namespace.create ? [{ kind: "Namespace", name: namespace }] : []), ...keptClaims(namespace, [claim])]
      : [],
  };
}

function report(stack: string, { property, reason, others }: SharingRefusal): string {
  const commands = commandsFor(stack);
  const key = (option: string) => `stackyard:${NAME}.${option}`;
  return [
    `Plinko's volume of stack "${stack}" cannot be shared as the config asks; nothing was changed.`,
    "",
    key(property),
    `  ${reason}`,
    `  $ ${commands.set(key(property), "ReadWriteOnce")}`,
    ...others.map((other) => `  $ ${commands.set(key("global.storageClass"), other)}   # if this class of the cluster is shared file storage`),
  ].join("\n");
}
