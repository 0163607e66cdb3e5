import type { V1Container, V1ContainerPort, V1Deployment, V1HTTPGetAction, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { failed, passed, skipped, worst, type Check, type Finding, type World } from "../check";
import { isPlayed, isReady, PLAYED, podsOf } from "../pods";

type Workload = V1Deployment | V1StatefulSet;

const portOf = ({ port }: V1HTTPGetAction, ports: readonly V1ContainerPort[] = []): number | undefined =>
  typeof port === "number" ? port : ports.find(({ name }) => name === port)?.containerPort;

/** Asks a container of a pod what its own readiness probe asks, or for another path of the same port. */
async function asked(pod: V1Pod, { readinessProbe, ports }: V1Container, world: World, other?: string): Promise<Finding> {
  const { httpGet } = readinessProbe ?? {};
  const port = httpGet && portOf(httpGet, ports);
  if (!httpGet || port === undefined) return failed(`pod ${pod.metadata?.name} has no HTTP readiness probe to be asked by`);
  const path = other ?? httpGet.path ?? "/";
  const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  try {
    const status = await world.answer(pod, { port, path, headers });
    const found = `${path} of pod ${pod.metadata?.name} answers ${status}`;
    return status >= 200 && status < 400 ? passed(found) : failed(found);
  } catch (error) {
    return failed(`${path} of pod ${pod.metadata?.name} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const logs = ({ kind, namespace, name }: { readonly kind: string; readonly namespace?: string; readonly name: string }) =>
  `kubectl logs -n ${namespace} ${kind.toLowerCase()}/${name} --all-containers --tail=50`;

export const health: Check<Workload> = {
  id: "health",
  title: "pods answer what their readiness probe asks, through a port-forward",
  source: ["plinko-13", "plinko-14", "starter-5", "dotdo-1"],
  kinds: ["Deployment", "StatefulSet"],
  async check({ live }, world) {
    const container = live.spec?.template.spec?.containers.find(({ readinessProbe }) => readinessProbe?.httpGet);
    if (!container || live.spec?.replicas === 0) return undefined;
    const pod = (await podsOf(live, world)).find(isReady);
    if (!pod) return failed("no pod is ready to be asked");
    return isPlayed(pod) ? skipped(PLAYED) : asked(pod, container, world);
  },
  next: logs,
};

/** Init containers that end once the data are whole, and public files that the CDN serves of them. */
const WAITS = /^wait-for-(database|serving)$/;
const CDN = "cdn-mock";
const FILES = ["/hint.bin", "/address-mapping.bin", "/deltas/"];

export const dataFiles: Check<Workload> = {
  id: "data-files",
  title: "Plinko's data files are there: whole when its pods started, and served by the CDN",
  source: ["plinko-12"],
  kinds: ["Deployment"],
  async check({ live }, world) {
    const { initContainers = [], containers = [] } = live.spec?.template.spec ?? {};
    const waits = initContainers.map(({ name }) => name).filter((name) => WAITS.test(name));
    if (waits.length === 0) return undefined;
    const statusOf = ({ status }: V1Pod) => status?.initContainerStatuses?.filter(({ name }) => waits.includes(name)) ?? [];
    const pods = (await podsOf(live, world)).filter((pod) => statusOf(pod).length > 0);
    const [pod] = pods;
    if (!pod) return failed("no pod has looked for them");
    const waiting = pods.find((pod) => statusOf(pod).some(({ state }) => state?.terminated?.exitCode !== 0));
    if (waiting) return failed(`pod ${waiting.metadata?.name} waits for them yet`);
    const cdn = containers.find(({ name }) => name === CDN);
    if (!cdn || isPlayed(pod)) return passed("were whole when its pods started");
    return worst(await Promise.all(FILES.map((file) => asked(pod, cdn, world, file))));
  },
  next: ({ namespace, name }) => `kubectl logs -n ${namespace} deployment/${name} --all-containers --tail=50`,
};
