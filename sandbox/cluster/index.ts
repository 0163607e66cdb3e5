import { createReadStream, existsSync } from "node:fs";
import { mkdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { ensure, type Say } from "../toolchain";
import { locked } from "../toolchain/once";
import { apiOf, type Api } from "./api";
import { COMPONENTS, forgetDead, inspect, lives, logFile, type Component, type ComponentName } from "./components";
import { configOf, CONTROL_PLANE, areFree, create, erase, freePorts, halt, placeOf, portsIn, readConfig, resume } from "./kwokctl";
import type { Place, Ports, Programs } from "./kwokctl";
import { applyClasses, applyCrds, applyNodes, crdsServed, keepNodes, NODES, nodesReady, stagesOf, type Nodes } from "./objects";
import { publishedCrds, publishedStages, type Stage } from "./published";

export { CONTROL_PLANE, NODES };
export type { Component, ComponentName, Nodes };

export interface Cluster {
  readonly name: string;
  /** File that makes its reader the cluster's administrator. */
  readonly kubeconfig: string;
  readonly context: string;
  /** Of the namespace `kube-system`: what tells this cluster from every other. */
  readonly uid: string;
  /** Of Kubernetes, without a "v". */
  readonly version: string;
  readonly address: string;
}

export interface Status extends Partial<Omit<Cluster, "name">> {
  /** None where there is no such sandbox. */
  readonly components: readonly Component[];
}

export interface StartOptions {
  readonly name: string;
  /** @default what `ensure(CONTROL_PLANE)` finds or builds */
  readonly programs?: Programs;
  /** What they are to be from now on. @default what they were, at first `NODES` */
  readonly nodes?: Partial<Nodes>;
  readonly say?: Say;
  readonly signal?: AbortSignal;
  /** Milliseconds that the components may take to become healthy. @default 60000 */
  readonly timeout?: number;
}

/**
 * Starts a control plane on loopback, or what of it does not run, and brings its nodes, classes and CRDs up to date. Its data, its address
 * and its identity stay from one start to the next.
 *
 * @throws Error that names the component that does not come up, with its last log lines
 */
export async function start({ name, nodes, say = () => {}, signal, timeout = 60_000, ...options }: StartOptions): Promise<Cluster> {
  const place = placeOf(name);
  const programs = options.programs ?? (await ensure(CONTROL_PLANE, say, signal));
  const [stages, crds] = await Promise.all([publishedStages(say, signal), publishedCrds(say, signal)]);
  return alone(place, say, signal, async () => {
    const ports = await begin(place, programs, stagesOf(stages), signal);
    const deadline = Date.now() + timeout;
    const healthy = (which: readonly ComponentName[]) =>
      settle(place, ports, which, deadline, () => resume(place, programs.kwokctl, signal), signal);
    await healthy(["etcd", "kube-apiserver"]);
    const api = await apiOf(place, ports);
    await applyCrds(api, crds);
    await until(() => crdsServed(api), deadline, `the CRDs of sandbox "${name}" are not served`, signal);
    // kwok plays Gateways and VolumeSnapshots, and ends itself where there are none to play
    await healthy(COMPONENTS);
    const wanted = keepNodes(place.dir, nodes);
    await Promise.all([applyClasses(api), applyNodes(api, wanted)]);
    await until(() => nodesReady(api, wanted), deadline, `the nodes of sandbox "${name}" do not become ready`, signal);
    return { name, ...(await identify(place, api)) };
  });
}

/** Ends all processes of a sandbox's cluster; its data stay. */
export const stop = (name: string, say: Say = () => {}): Promise<void> => {
  const place = placeOf(name);
  return alone(place, say, undefined, () => end(place, say, halt));
};

/** Ends a sandbox and removes all that it has. */
export async function reset(name: string, say: Say = () => {}): Promise<void> {
  const place = placeOf(name);
  await alone(place, say, undefined, async () => {
    await end(place, say, erase);
    await rm(place.dir, { recursive: true, force: true });
  });
  await rmdir(dirname(place.dir)).catch(() => {}); // other sandboxes stay
}

async function end(place: Place, say: Say, how: typeof halt): Promise<void> {
  const ports = portsIn(await readConfig(place));
  if (!ports) return;
  await forgetDead(place);
  const { kwokctl } = await ensure(["kwokctl"], say);
  const running = (await inspect(place, ports)).flatMap(({ pid }) => pid ?? []);
  await how(place, kwokctl);
  const gone = async () => !running.some(lives) && (await areFree(ports)); // a process lets go of its ports last
  await until(gone, Date.now() + 10_000, `processes of sandbox "${place.name}" do not end`);
}

/** How a sandbox's cluster is, now; nothing is started. */
export async function status(name: string): Promise<Status> {
  const place = placeOf(name);
  const ports = portsIn(await readConfig(place));
  if (!ports) return { components: [] };
  const components = await inspect(place, ports);
  const answers = components.some((component) => component.name === "kube-apiserver" && component.healthy);
  if (!answers) return { components };
  return { components, ...(await identify(place, await apiOf(place, ports)).catch(() => ({}))) }; // it may end meanwhile
}

/**
 * Writes what the components of a sandbox's cluster have logged since they were last started.
 *
 * @param component one of them; all of them, each line after its name, where it is left out
 * @throws RangeError where there is no such component
 */
export async function logs(name: string, component?: string, out: NodeJS.WritableStream = process.stdout): Promise<void> {
  const names = COMPONENTS.filter((known) => component === undefined || component === known);
  if (names.length === 0) throw new RangeError(`there is no component "${component}": take one of ${COMPONENTS.join(", ")}`);
  for (const one of names) {
    const file = logFile(placeOf(name), one);
    if (!existsSync(file)) continue;
    for await (const line of createInterface({ input: createReadStream(file) })) out.write(component ? `${line}\n` : `${one} | ${line}\n`);
  }
}

/** Runs what changes a sandbox while no other run does. */
async function alone<T>(place: Place, say: Say, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const unlock = await locked(place.dir, () => say(`waiting for another run that works on sandbox "${place.name}"`), signal);
  try {
    return await work();
  } finally {
    await unlock();
  }
}

/** Starts what does not run, and all anew where programs, stages or ports are other ones; returns the ports. */
async function begin(place: Place, programs: Programs, stages: readonly Stage[], signal?: AbortSignal): Promise<Ports> {
  await mkdir(place.dir, { recursive: true, mode: 0o700 });
  await forgetDead(place);
  const before = await readConfig(place);
  const ports = await portsFor(place, before);
  const config = configOf(place, programs, ports, stages);
  if (config === before && existsSync(place.kubeconfig)) await resume(place, programs.kwokctl, signal);
  else await create(place, programs.kwokctl, config, signal);
  return ports;
}

/** The ports that the cluster had, unless somebody else has taken one while it was stopped. */
async function portsFor(place: Place, config: string): Promise<Ports> {
  const kept = portsIn(config);
  if (!kept) return freePorts();
  const runs = (await inspect(place, kept)).some(({ running }) => running);
  return runs || (await areFree(kept)) ? kept : freePorts();
}

/** Waits until components are healthy. What died is started again, a few times, each time after a longer pause. */
async function settle(
  place: Place,
  ports: Ports,
  which: readonly ComponentName[],
  deadline: number,
  mend: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (let mended = 0; ;) {
    const components = await inspect(place, ports, which);
    const dead = components.find(({ running }) => !running);
    const ill = dead ?? components.find(({ healthy }) => !healthy);
    if (!ill) return;
    if (Date.now() > deadline || (dead && mended === 5)) throw await unwell(place, ill);
    await setTimeout(dead ? 100 * 2 ** mended : 100, undefined, { signal });
    if (!dead) continue;
    mended++;
    await forgetDead(place);
    await mend();
  }
}

async function unwell(place: Place, { name, running }: Component): Promise<Error> {
  const log = logFile(place, name);
  const files = [log, log.replace(/log$/, "previous.log")].filter((file) => existsSync(file));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const said = texts.find((text) => text.trim() !== "") ?? "nothing";
  const last = said.trim().split("\n").slice(-8).join("\n");
  return new Error(
    `${name} of sandbox "${place.name}" ${running ? "does not become healthy" : "ends as soon as it is started"}; it logged last:\n${last}`,
  );
}

/** Waits until something is so; a question that fails is asked again. */
async function until(so: () => Promise<boolean>, deadline: number, otherwise: string, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await so().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (answer === true) return;
    if (Date.now() > deadline) throw new Error(answer === false ? otherwise : `${otherwise}: ${answer.message}`);
    await setTimeout(50, undefined, { signal });
  }
}

/** Who a cluster is, as it says itself. */
async function identify({ name, kubeconfig }: Place, api: Api): Promise<Omit<Cluster, "name">> {
  const { gitVersion } = await api.get<{ gitVersion: string }>("/version");
  const { metadata } = await api.get<{ metadata: { uid: string } }>("/api/v1/namespaces/kube-system");
  return { kubeconfig, context: `kwok-${name}`, uid: metadata.uid, version: gitVersion.replace(/^v/, ""), address: api.address };
}
