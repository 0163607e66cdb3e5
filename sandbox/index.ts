import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CONTROL_PLANE, start, type Cluster, type Nodes } from "./cluster";
import { sandboxDir } from "./paths";
import { ensurePlugins, pluginEnvironment, type Plugin } from "./plugins";
import { ensure, pathOf, type Found } from "./toolchain";

/** Runs one long step under a title; `say` tells how far it is. */
export type Step = <T>(title: string, run: (say: (progress: string) => void) => Promise<T>) => Promise<T>;

export interface Sandbox {
  readonly name: string;
  /** Where its data lie: the cluster, the state of its stacks, and the passphrase of that state. */
  readonly dir: string;
  readonly cluster: Cluster;
  readonly plugins: readonly Plugin[];
  /** What makes plain `pulumi`, `kubectl` and `helm` work against it. */
  readonly env: Readonly<Record<string, string>>;
}

const ENGINE = ["pulumi"] as const;
const CLIENTS = ["kubectl", "helm"] as const;

/**
 * Opens a sandbox: gets the programs, starts the control plane where it does not run, and gets the plugins.
 *
 * @param name a DNS label; each name is a cluster and a state of its own
 * @param options.clients also get `kubectl` and `helm`, which only people need
 * @param options.nodes what the cluster's nodes are to be from now on
 * @param options.signal ends what is being built
 */
export async function open(
  name: string,
  step: Step,
  { clients, nodes, signal }: { clients?: boolean; nodes?: Partial<Nodes>; signal?: AbortSignal } = {},
): Promise<Sandbox> {
  const dir = sandboxDir(name);
  const controlPlane = await step("Programs of the control plane", (say) => ensure(CONTROL_PLANE, say, signal));
  const cluster = await step(`Control plane of sandbox "${name}"`, (say) => start({ name, programs: controlPlane, nodes, say, signal }));
  const engine = await step("Pulumi", (say) => ensure(ENGINE, say, signal));
  const plugins = await step("Plugins", (say) => ensurePlugins(say));
  const wanted = clients ? await step("Clients", (say) => ensure(CLIENTS, say, signal)) : {};
  const programs = Object.values({ ...controlPlane, ...engine, ...wanted });
  return { name, dir, cluster, plugins, env: environmentOf(dir, cluster, programs, plugins) };
}

function environmentOf(dir: string, cluster: Cluster, programs: readonly Found[], plugins: readonly Plugin[]) {
  mkdirSync(stateFolder(dir), { recursive: true, mode: 0o700 });
  return {
    PATH: [...pathOf(programs), process.env.PATH].join(delimiter),
    KUBECONFIG: cluster.kubeconfig,
    ...backendIn(dir, passphraseFile(dir)),
    ...pluginEnvironment(plugins),
  };
}

const stateFolder = (dir: string) => join(dir, "state");

const backendIn = (dir: string, passphrase: string) => ({
  // without the side files of its metadata, which a run that is killed can leave empty, and the state unreadable with them
  PULUMI_BACKEND_URL: `${pathToFileURL(stateFolder(dir)).href}?metadata=skip`,
  PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
  PULUMI_SKIP_UPDATE_CHECK: "true",
});

/**
 * What makes plain `pulumi` read the state of a sandbox's stacks, whether it runs or not.
 *
 * @throws Error where there is no such sandbox
 */
export function backendOf(name: string): Readonly<Record<string, string>> {
  const dir = sandboxDir(name);
  if (!existsSync(stateFolder(dir))) throw new Error(`there is no sandbox "${name}", or nothing was brought up on it`);
  return backendIn(dir, passphraseFile(dir));
}

/** The passphrase of the sandbox's state, generated once and readable by its owner alone. */
function passphraseFile(dir: string): string {
  const file = join(dir, "passphrase");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  return file;
}
