import envPaths from "env-paths";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { Tenants } from "../../../tenants";
import { TenantCluster } from "../../../tenants/cluster";
import { TenantError } from "../../../tenants/errors";
import { Keyring } from "../../../tenants/keyring";
import type { OnMoment } from "../../../tenants/operations";
import type { ServiceSettings } from "../../../tenants/options";
import { bind } from "../../../tenants/registry/binding";
import { openDatabase, type Database, type Location } from "../../../tenants/registry/database";
import { sealedBy } from "../../../tenants/registry/rows";
import type { Caller } from "../../../tenants/service";
import type { Engine, OnEvent } from "../../../tenants/shard/stack";
import { Worker } from "../../../tenants/worker";
import { workersFor } from "../../../tenants/workers";
import { UserError } from "../../errors";
import { project, targetsOf, type Target, type TargetOptions } from "../../target";
import { settingsIn } from "./settings";

export interface SessionOptions extends TargetOptions {
  readonly stack: string;
}

/** Variable that has the URL of a registry on a server; without it the registry is a folder of this machine. */
export const DATABASE = "STACKYARD_TENANTS_DATABASE";
/** Variable that has the path of the keyring; without it the keyring is beside the folder of the registry. */
export const KEYRING = "STACKYARD_TENANTS_KEYRING";

/** Variables of a target that are about the environment's own stack, and not about shards. */
const OF_THE_STACK = ["PULUMI_STACK", "PULUMI_OPTION_CONFIG_FILE", "PULUMI_OPTION_POLICY_PACK"];

export interface Progress {
  readonly onMoment?: OnMoment;
  readonly onEvent?: OnEvent;
  readonly log?: (line: string) => void;
  /** Machine that an operator knows to be gone for good. */
  readonly gone?: string;
}

/** The service of an environment, opened: registry, cluster and engine. */
export interface Session {
  readonly tenants: Tenants;
  readonly service: ServiceSettings;
  readonly db: Database;
  readonly keyring: Keyring;
  readonly cluster: TenantCluster;
  readonly caller: Caller;
  readonly worker: (progress?: Progress) => Worker;
  readonly close: () => Promise<void>;
}

/** @throws UserError in words that a user can act on */
export async function openSession(options: SessionOptions): Promise<Session> {
  const [target] = await targetsOf([options.stack], options);
  if (target === undefined) throw new UserError(`there is no stack "${options.stack}"`);
  try {
    return await sessionOn(target);
  } catch (error) {
    throw told(error);
  }
}

/** The service of an environment that is reached already. */
export async function sessionOn(target: Target): Promise<Session> {
  const { stack, env, context } = target;
  const file = settingsIn(stack, env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${stack}.yaml`);
  const folder = folderOf(target);
  const url = process.env[DATABASE];
  const location: Location = url === undefined ? { folder: join(folder, "registry") } : { url };
  const cluster = await TenantCluster.reach({ context, env });
  const db = await openDatabase(location);
  let keyring: Keyring;
  try {
    await bind(db, { cluster: file.cluster.uid, environment: stack });
    keyring = Keyring.open(process.env[KEYRING] ?? join(folder, "keyring.json"), await sealedBy(db));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  process.env.PATH = env["PATH"]; // where the Automation API looks for `pulumi`
  const engine: Engine = {
    environment: stack,
    cluster: { ...file.cluster, context, ...(env["KUBECONFIG"] !== undefined && { kubeconfig: env["KUBECONFIG"] }) },
    mirrors: file.mirrors,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_STACK.includes(name))),
    folder: join(folder, "shards"),
    policies: join(project, "policy"),
  };
  const { service } = file;
  return {
    tenants: new Tenants(db, keyring, service),
    service,
    db,
    keyring,
    cluster,
    caller: { name: `${userInfo().username}@${hostname()}` },
    worker: ({ gone, ...progress } = {}) => {
      keyring.check();
      return new Worker({
        db,
        keyring,
        cluster,
        service,
        engine: { ...engine, ...(gone !== undefined && { gone }) },
        parallel: service.workers ?? workersFor(),
        ...progress,
      });
    },
    close: () => db.destroy(),
  };
}

/** Folder of a service's own data: the sandbox's, or the user's. */
const folderOf = ({ sandbox, stack }: Target): string =>
  sandbox ? join(sandbox.dir, "tenants", stack) : join(envPaths("stackyard", { suffix: "" }).data, "tenants", stack);

/** What the service refuses, as the command says it. */
export const told = (error: unknown): unknown =>
  error instanceof TenantError ? new UserError(error.message, error.details.remedy) : error;
