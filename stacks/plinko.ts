import { Plinko } from "../components/plinko";
import { PlinkoChart } from "../components/plinko/chart";
import { planOf } from "../components/plinko/plan";
import { questionsOf, volumeRefusals, type VolumeRefusal } from "../components/plinko/volume";
import { Refusal, type PlinkoSection } from "../config";
import { commandsFor } from "../config/commands";
import { servedBy, type Deploy, type Deployed, type LayerContext, type Questions } from "./layer";
import { keptClaims } from "./namespace";

const NAME = "plinko";

/**
 * Layer `plinko`: Plinko PIR, which stands on nothing else.
 *
 * @throws Refusal, before anything is planned, where its volume cannot be had as the config asks for it
 */
export async function preparePlinko({ stack, ask }: Questions, section: PlinkoSection): Promise<Deploy> {
  const plan = planOf(NAME, withoutChart(section));
  const { classes, claim } = questionsOf(plan);
  // what is not there, or may not be looked at, is no reason to refuse
  const answerTo = async (path?: string) => path && ask(path).catch(() => undefined);
  const refusals = volumeRefusals(plan, { classes: await answerTo(classes), claim: await answerTo(claim) });
  if (refusals.length > 0) throw new Refusal(report(stack, refusals));
  return (context) => deployPlinko(context, section);
}

function deployPlinko({ provider, operators, pullsIn }: LayerContext, section: PlinkoSection): Deployed {
  const { chart } = section;
  const options = withoutChart(section);
  const opts = { provider, dependsOn: [...operators] };
  const plinko = chart ? new PlinkoChart(NAME, { ...options, chart }, opts) : new Plinko(NAME, options, opts);
  const { url, hostUrls, address, namespace, services, jobs, claim } = plinko;
  pullsIn(section.namespace.name ?? NAME, namespace);
  return {
    outputs: { url, hosts: hostUrls, address, namespace, services, jobs, claim },
    served: [servedBy(section.ingress, hostUrls, address)],
    // the data can be made again, which takes an hour: kept only where the owner says so
    kept: section.persistence.retain
      ? [...(section.namespace.create ? [{ kind: "Namespace", name: namespace }] : []), ...keptClaims(namespace, [claim])]
      : [],
  };
}

/** The options of Plinko itself. */
const withoutChart = ({ chart: _chart, ...options }: PlinkoSection) => options;

function report(stack: string, refusals: readonly VolumeRefusal[]): string {
  const commands = commandsFor(stack);
  const key = (property: string) => `stackyard:${NAME}.${property}`;
  const lines = refusals.flatMap(({ property, reason, remedies }) => [
    "",
    key(property),
    `  ${reason}`,
    ...remedies.map((remedy) => `  $ ${commands.set(key(remedy.property), remedy.value)}${remedy.when ? `   # ${remedy.when}` : ""}`),
  ]);
  return [`Plinko's volume of stack "${stack}" cannot be had as the config asks; nothing was changed.`, ...lines].join("\n");
}
