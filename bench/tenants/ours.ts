import { execa } from "execa";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { signal } from "../../cli/interrupt";
import type { Target } from "../../cli/target";
import { checkout } from "../../sandbox/paths";
import { measure, type Measurement } from "../measure";
import { objectsIn, type Export, type KubernetesObject } from "../objects";
import { PROCESSES } from "../subjects";
import type { Orders, Times } from "./orders";

const { build } = createRequire(join(checkout(), "package.json"))("./runtime/build.cjs") as { readonly build: (entry: string) => string };

/** Processes of ours, by their command lines; the program runs in the worker. */
const GROUPS = { worker: /bench-tenants-service/, ...PROCESSES };

export interface Run extends Times {
  readonly measured: Measurement;
}

/** Runs the service as a process of its own, and measures it with all that it starts. */
export async function runService(orders: Omit<Orders, "answer">, folder: string): Promise<Run> {
  const [file, answer] = [join(folder, "orders.json"), join(folder, "service.json")];
  writeFileSync(file, JSON.stringify({ ...orders, answer }), { mode: 0o600 });
  const measured = await measure(
    `exec node --require ./runtime/lazy.cjs --require ./runtime/structs.cjs ${build("bench/tenants/service.ts")} ${file}`,
    {
      groups: GROUPS,
      signal,
    },
  );
  return { ...(JSON.parse(readFileSync(answer, "utf8")) as Times), measured };
}

/** What a tenant of the first shard was made of, with its secrets. */
export async function objectsOf(user: string, { env, sandbox, stack }: Target): Promise<KubernetesObject[]> {
  const shard = `${stack}-0001`;
  const cwd = join(sandbox?.dir ?? "", "tenants", stack, "shards", shard);
  const { stdout } = await execa("pulumi", ["stack", "export", "--show-secrets", "--stack", shard], {
    cwd,
    env: { ...env, PULUMI_OPTION_CONFIG_FILE: "", PULUMI_OPTION_POLICY_PACK: "" },
  });
  const namespace = `fluxiondb-${user}`;
  return objectsIn(JSON.parse(stdout) as Export).filter(({ metadata }) => (metadata.namespace ?? metadata.name) === namespace);
}
