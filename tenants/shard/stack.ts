import { automation } from "@pulumi/pulumi";
import type { KubernetesObject } from "@kubernetes/client-node";
import { join } from "node:path";
import { namespaceNameOf } from "../../components/fluxiondb/plan";
import type { ClusterSection } from "../../config";
import { FORCE, isOurs, nameOf, TAKE_OVER } from "../../engine/ours";
import { RUN } from "../../engine/survivors";
import type { TenantCluster } from "../cluster";
import { reasonOf } from "../errors";
import { stackNameOf } from "../names";
import { blameIn, type Blame } from "./blame";
import { lockReason } from "./lock";
import type { SharedPack } from "./pack";
import type { ShardTenant } from "./plan";
import { shardProgram } from "./program";
import { forget, openStack } from "./workspace";

/** What ups of shards need of the world. */
export interface Engine {
  readonly environment: string;
  readonly cluster: ClusterSection;
  readonly mirrors: Readonly<Record<string, string>>;
  /** Environment of `pulumi`: its backend, the passphrase, the plugins. */
  readonly env: Env;
  /** Folder in which each shard has its working folder. */
  readonly folder: string;
  /** Folder of the policy pack that judges every up. Left out: none does. */
  readonly policies?: string;
  /** Machine that an operator knows to be gone for good, with all that ran there. */
  readonly gone?: string;
}

type Env = Readonly<Record<string, string>>;

/** Told what the engine does, as it does it. */
export type OnEvent = (event: automation.EngineEvent) => void;

export interface UpResult {
  /** Whether all was done. */
  readonly ok: boolean;
  readonly blame: Blame;
}

/** The stack of one shard, in which tenants are deployed by ups that the worker's own process runs the program of. */
export class ShardStack {
  constructor(
    private readonly engine: Engine,
    private readonly shard: number,
    private readonly onEvent: OnEvent = () => {},
    /** Judges every up. Left out: nothing does. */
    private readonly pack?: SharedPack,
  ) {}

  /** One up to exactly these tenants. What fails of one of them does not keep the others from being done. */
  async up(tenants: readonly ShardTenant[], env: Env): Promise<UpResult> {
    const owners = new Map<string, string>();
    const own = (resource: string, user: string) => owners.set(resource, user);
    const events: automation.EngineEvent[] = [];
    try {
      const judged = await this.pack?.judged();
      await this.run({ tenants, own, env: { ...judged?.env, ...env } }, (stack) =>
        stack.up({
          continueOnError: true,
          suppressOutputs: true,
          ...(judged !== undefined && { policyPacks: [judged.pack] }),
          onEvent: (event) => {
            if (event.diagnosticEvent ?? event.policyEvent ?? event.resOpFailedEvent) events.push(event);
            this.onEvent(event);
          },
        }),
      );
      return { ok: true, blame: blameIn(events, owners) };
    } catch (error) {
      const blame = blameIn(events, owners);
      if (blame.tenants.size === 0 && blame.shard === undefined) return { ok: false, blame: { ...blame, shard: firstLine(error) } };
      return { ok: false, blame };
    }
  }

  /**
   * The up where the state may not know all that there is: the last one was cut off, or the state was lost or is older. What is not in it is taken over,
   * where it is ours; what was left under generated names goes.
   *
   * @param env of the last up, in which all is known
   * @returns whom something of somebody else's is in the way of, where there is any: nothing is changed then
   */
  recover(tenants: readonly ShardTenant[], cluster: TenantCluster, env: Env): Promise<UpResult> {
    // a field that somebody else has set ends no preview
    return this.run({ tenants, env: FORCE }, (stack) => this.recoverOn(stack, tenants, cluster, env));
  }

  private async recoverOn(stack: automation.Stack, tenants: readonly ShardTenant[], cluster: TenantCluster, env: Env): Promise<UpResult> {
    const { deployment } = (await stack.exportStack()) as { deployment: State };
    if ((deployment.pending_operations ?? []).length > 0) await stack.refresh({ clearPendingCreates: true, suppressOutputs: true });
    const found = await cluster.present(await plannedBy(stack));
    const foreign = found.filter((object) => !isOurs(object));
    if (foreign.length > 0) return { ok: false, blame: foreignBlame(foreign, tenants) };
    const first = found.length > 0 ? await this.up(tenants, TAKE_OVER) : undefined;
    if (first !== undefined && !first.ok) return first;
    const result = await this.up(tenants, env); // what was allowed for that one run is not kept in the state
    const known = await idsIn(stack);
    for (const { user } of tenants) await cluster.sweep(user, known);
    return result;
  }

  /**
   * Takes what the cluster has into the state, so that the next up mends it.
   *
   * @returns what was other than the state said: names of resources, each with what had become of it; and the ids of all that it has
   */
  async refresh(): Promise<{ drifted: string[]; known: ReadonlySet<string> }> {
    const drifted: string[] = [];
    const onEvent: OnEvent = ({ resOutputsEvent }) => {
      const { op, urn = "" } = resOutputsEvent?.metadata ?? {};
      if (op === "update" || op === "delete") drifted.push(`${urn.split("::").at(-1)} was ${op === "update" ? "changed" : "removed"}`);
    };
    const known = await this.run({ tenants: [] }, async (stack) => {
      await stack.refresh({ suppressOutputs: true, onEvent });
      return idsIn(stack);
    });
    return { drifted, known };
  }

  /** @throws Error where somebody who may be at work has the stack's lock; a dead one's is released */
  private async run<T>(given: Run, work: (stack: automation.Stack) => Promise<T>): Promise<T> {
    try {
      return await this.once(given, work);
    } catch (error) {
      if (!(error instanceof automation.ConcurrentUpdateError)) throw error;
      const reason = lockReason(stackNameOf(this.engine.environment, this.shard), error, this.engine.gone);
      if (reason !== undefined) throw new Error(reason, { cause: error });
    }
    return this.once(given, async (stack) => {
      await stack.cancel();
      return work(stack);
    });
  }

  private async once<T>({ tenants, own = () => {}, env }: Run, work: (stack: automation.Stack) => Promise<T>): Promise<T> {
    const { engine } = this;
    const name = stackNameOf(engine.environment, this.shard);
    const folder = join(engine.folder, name);
    const program = shardProgram({ tenants, cluster: engine.cluster, mirrors: engine.mirrors, own });
    try {
      return await work(await openStack(name, folder, program, { ...engine.env, ...RUN, ...env }));
    } catch (error) {
      forget(folder);
      throw error;
    }
  }
}

/** Ids of all that a stack's state has: `<namespace>/<name>` of what is in a namespace. */
async function idsIn(stack: automation.Stack): Promise<ReadonlySet<string>> {
  const { deployment } = (await stack.exportStack()) as { deployment: State };
  return new Set((deployment.resources ?? []).flatMap(({ id }) => (id === undefined ? [] : [id])));
}

function foreignBlame(foreign: readonly KubernetesObject[], tenants: readonly ShardTenant[]): Blame {
  const inWayOf = (user: string) => {
    const namespace = namespaceNameOf(user);
    return foreign.filter(({ kind, metadata }) => (kind === "Namespace" ? metadata?.name : metadata?.namespace) === namespace);
  };
  const blamed = tenants.flatMap(({ user }) => {
    const theirs = inWayOf(user).map(nameOf);
    return theirs.length > 0 ? [[user, `the cluster already has ${theirs.join(", ")}, which is somebody else's`] as const] : [];
  });
  return { tenants: new Map(blamed), ended: true };
}

/**
 * Objects that the next up makes. What the cluster would refuse to change is left out and asked about no more: the up says so, of its tenant alone.
 *
 * @throws Error where the preview fails for another reason
 */
async function plannedBy(stack: automation.Stack): Promise<KubernetesObject[]> {
  const exclude = new Set<string>();
  for (;;) {
    const known = exclude.size;
    const planned: KubernetesObject[] = [];
    const refused: string[] = [];
    const onEvent: OnEvent = ({ resourcePreEvent, diagnosticEvent }) => {
      const { op, new: state } = resourcePreEvent?.metadata ?? {};
      if (op === "create" && state?.type.startsWith("kubernetes:")) planned.push(state.inputs as KubernetesObject);
      const { severity, urn = "" } = diagnosticEvent ?? {};
      if (severity === "error" && urn.includes("kubernetes:")) refused.push(urn);
    };
    try {
      await stack.preview({ onEvent, exclude: [...exclude] });
      return planned;
    } catch (error) {
      for (const urn of refused) exclude.add(urn);
      if (exclude.size === known) throw error;
    }
  }
}

interface Run {
  readonly tenants: readonly ShardTenant[];
  readonly own?: (resource: string, user: string) => void;
  readonly env?: Env;
}

interface State {
  readonly resources?: readonly { readonly id?: string }[];
  readonly pending_operations?: readonly unknown[];
}

const firstLine = (error: unknown): string =>
  reasonOf(error)
    .split("\n")
    .find((line) => line.trim() !== "") ?? "the up failed";
