import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { sandboxDir } from "../paths";
import type { Found, Program } from "../toolchain";
import type { Stage } from "./published";

const run = promisify(execFile);

/** Where one cluster lies. */
export interface Place {
  readonly name: string;
  readonly dir: string;
  /** kwokctl's own folder: made again from our configuration whenever that changes. The data of etcd lie beside it. */
  readonly workdir: string;
  readonly kubeconfig: string;
}

export function placeOf(name: string): Place {
  const dir = sandboxDir(name);
  const workdir = join(dir, "kwok", ".kwok", "clusters", name);
  return { name, dir, workdir, kubeconfig: join(workdir, "kubeconfig.yaml") };
}

const PORTS = [
  "etcdPeerPort",
  "etcdPort",
  "kubeApiserverPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
] as const;
export type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** The programs that make up a control plane, in the order in which they are wanted. */
export const CONTROL_PLANE = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
] as const satisfies Program[];
export type Programs = Readonly<Record<(typeof CONTROL_PLANE)[number], Found>>;

const configFile = ({ dir }: Place) => join(dir, "kwokctl.yaml");
export const readConfig = (place: Place): Promise<string> => readFile(configFile(place), "utf8").catch(() => "");

/** Ports of a cluster that was started before. */
export function portsIn(config: string): Ports | undefined {
  if (config === "") return undefined;
  const { options } = parse(config.split(/^---$/m)[0] ?? "") as { options: Ports };
  return Object.fromEntries(PORTS.map((port) => [port, options[port]])) as Ports;
}

/** Ports of loopback that nobody listens on, below those that outgoing connections take. */
export async function freePorts(): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < PORTS.length) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) ports.add(port);
  }
  return Object.fromEntries([...ports].map((port, i) => [PORTS[i], port])) as Ports;
}

export const areFree = async (ports: Ports): Promise<boolean> => (await Promise.all(Object.values(ports).map(isFree))).every(Boolean);

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** All that kwokctl is told about a cluster: where two are the same, so are the clusters. */
export function configOf(place: Place, programs: Programs, ports: Ports, stages: readonly Stage[]): string {
  const args = (values: Record<string, string>, override: boolean) =>
    Object.entries(values).map(([key, value]) => ({ key, value, override }));
  const patch = (name: string, extra: Record<string, string>, other: Record<string, string> = {}) => ({
    name,
    extraArgs: [...args(extra, false), ...args(other, true)],
  });
  // alone it need not elect itself: after a kill it would wait for its own lease to run out
  const client = { "leader-elect": "false" };
  const cluster = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      disableQPSLimits: true,
      etcdBinary: programs.etcd.path,
      kubeApiserverBinary: programs["kube-apiserver"].path,
      kubeControllerManagerBinary: programs["kube-controller-manager"].path,
      kubeSchedulerBinary: programs["kube-scheduler"].path,
      kwokControllerBinary: programs.kwok.path,
      ...ports,
    },
    componentsPatches: [
      patch("etcd", { "unsafe-no-fsync": "true" }, { "data-dir": join(place.dir, "etcd") }),
      patch("kube-apiserver", { "advertise-address": "127.0.0.1", "service-cluster-ip-range": "10.96.0.0/12" }),
      // kwok's heartbeats may be 45 s apart
      patch("kube-controller-manager", { ...client, "node-monitor-grace-period": "5m" }),
      patch("kube-scheduler", client),
      // with leases, one that was started again would wait for those of the one before to run out
      patch("kwok-controller", {}, { "node-lease-duration-seconds": "0" }),
    ],
  };
  return [cluster, ...stages].map((document) => stringify(document)).join("---\n");
}

/** Makes a cluster by a configuration, in the place of the one that is there; the data stay. */
export async function create(place: Place, kwokctl: Found, config: string, signal?: AbortSignal): Promise<void> {
  await erase(place, kwokctl);
  await writeFile(configFile(place), config, { mode: 0o600 });
  try {
    await kwok(place, kwokctl, ["create", "cluster", "--config", configFile(place), "--kubeconfig", ""], signal);
  } catch (error) {
    await rm(configFile(place), { force: true });
    throw error;
  }
}

export async function erase(place: Place, kwokctl: Found): Promise<void> {
  await kwok(place, kwokctl, ["delete", "cluster", "--kubeconfig", join(place.dir, "none")]);
  await rm(configFile(place), { force: true });
}

/** Starts what of a cluster does not run. */
export const resume = (place: Place, kwokctl: Found, signal?: AbortSignal): Promise<void> =>
  kwok(place, kwokctl, ["start", "cluster"], signal);

export const halt = (place: Place, kwokctl: Found): Promise<void> => kwok(place, kwokctl, ["stop", "cluster"]);

/** Runs kwokctl so that whatever it and its children write is their owner's alone. */
async function kwok({ name, dir }: Place, { path }: Found, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const home = join(dir, "kwok");
  // kwokctl waits for the API server by asking kubectl; we wait ourselves, for more than that, and can say who is late
  const patient = join(home, "patient", "kubectl");
  await mkdir(dirname(patient), { recursive: true, mode: 0o700 });
  await writeFile(patient, "#!/bin/sh\n");
  await chmod(patient, 0o700);
  const PATH = [dirname(patient), process.env.PATH].join(delimiter);
  const privately = ["-c", 'umask 077 && exec "$0" "$@"', path, "--name", name, ...args];
  try {
    // its folder is `.kwok` of its home: of KWOK_WORKDIR it would take what stands before the first space
    const env = { PATH, HOME: home, ...(process.env.GOGC !== undefined && { GOGC: process.env.GOGC }) };
    await run("/bin/sh", privately, { env, signal, timeout: 60_000 });
  } catch (error) {
    if (signal?.aborted) throw error;
    const said = (error as { stderr?: string }).stderr ?? String(error);
    throw new Error(
      `kwokctl ${args.slice(0, 2).join(" ")} failed for sandbox "${name}":\n${said.trim().split("\n").slice(-5).join("\n")}`,
      { cause: error },
    );
  }
}
