import { execa } from "execa";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { Sandbox } from ".";
import { serveCharts } from "./charts";
import { ensure, pathOf, type Say } from "./toolchain";

interface StackFile {
  readonly config?: Record<string, unknown>;
  readonly encryptionsalt?: string;
}

const PLATFORM = "stackyard:platform";

/** Names of the stacks that the project has a `Pulumi.<stack>.yaml` for. */
export const stacksOf = (project: string): string[] =>
  readdirSync(project)
    .map((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1])
    .filter((stack) => stack !== undefined);

/**
 * Makes a stack ready on a sandbox and returns the environment in which plain `pulumi` works on it.
 *
 * The sandbox works on a copy of `Pulumi.<stack>.yaml`, bound to its own cluster: Pulumi writes the salt of its encryption into that
 * file, and a run changes no tracked file. Secrets that are set while working on the sandbox stay in the copy.
 *
 * A stack with a platform gets its charts from the sandbox's own repository, which ends with this process; one with charts of the systems gets helm.
 *
 * @throws Error where the project has no such stack, or its file is no YAML
 */
export async function openStack(
  sandbox: Sandbox,
  project: string,
  stack: string,
  say: Say = () => {},
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const copy = join(sandbox.dir, "stacks", `Pulumi.${stack}.yaml`);
  const own = readStackFile(join(project, `Pulumi.${stack}.yaml`));
  const wanted = configIn(join(project, `Pulumi.${stack}.yaml`), join(project, "Pulumi.yaml"));
  const kept = existsSync(copy) ? readStackFile(copy) : {};
  const secrets = kept.config?.["stackyard:secrets"];
  const binding = { context: sandbox.cluster.context, uid: sandbox.cluster.uid };
  const platform = wanted[PLATFORM];
  const charts = platform ? await serveCharts(sandbox.dir, say, signal) : undefined;
  const helm = hasChart(wanted) ? pathOf(Object.values(await ensure(["helm"], say, signal))) : [];
  const bound = {
    config: {
      ...own.config,
      ...(charts ? { [PLATFORM]: { ...(platform as object), chartRepository: charts.url } } : {}),
      ...(secrets ? { "stackyard:secrets": secrets } : {}),
      "stackyard:cluster": binding,
    },
    encryptionsalt: kept.encryptionsalt,
  };
  mkdirSync(join(sandbox.dir, "stacks"), { recursive: true, mode: 0o700 });
  // in quotes: what Pulumi reads it by takes 2027-03-31 without them for a moment in time
  writeFileSync(copy, stringify(bound, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }), { mode: 0o600 });

  const env = {
    ...sandbox.env,
    PATH: [...(charts?.path ?? []), ...helm, sandbox.env.PATH].join(delimiter),
    PULUMI_STACK: stack,
    PULUMI_OPTION_CONFIG_FILE: copy,
    PULUMI_OPTION_POLICY_PACK: resolve(project, "policy"),
  };
  if (!existsSync(stateFile(sandbox, stack))) await execa("pulumi", ["stack", "init", stack, "--no-select"], { cwd: project, env });
  return env;
}

/** Whether a system is to come by its own Helm chart. */
const hasChart = (config: Readonly<Record<string, unknown>>): boolean =>
  Object.values(config).some((section) => typeof section === "object" && section !== null && "chart" in section);

/** Where the sandbox's backend keeps what is deployed by a stack. */
const stateFile = (sandbox: Sandbox, stack: string) => join(sandbox.dir, "state", ".pulumi", "stacks", "stackyard", `${stack}.json`);

/**
 * What a stack's config says, unchecked, by full keys: its own file, and what all stacks share in `Pulumi.yaml`, where the project's own
 * keys need no prefix, and a value may stand under `value`, or under `default` beside its type. `pulumi config set` writes true, false,
 * maps and lists as texts: they are read as the program reads them.
 *
 * @param stackFile path of its file
 */
export function configIn(stackFile: string, projectFile = "Pulumi.yaml"): Readonly<Record<string, unknown>> {
  const shared = Object.entries(readStackFile(projectFile).config ?? {}).map(([key, value]) => {
    const declared = Object(value) as { value?: unknown; type?: unknown; default?: unknown };
    const otherwise = declared.type === undefined ? value : declared.default;
    return [key.includes(":") ? key : `stackyard:${key}`, declared.value ?? otherwise] as const;
  });
  const own = Object.entries(readStackFile(stackFile).config ?? {});
  return Object.fromEntries([...shared, ...own].map(([key, value]) => [key, valueOf(value)]));
}

function valueOf(value: unknown): unknown {
  try {
    return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
  } catch {
    return value;
  }
}

/** Reads a stack's file as it stands, unchecked: `config/` checks what is in it. */
function readStackFile(file: string): StackFile {
  try {
    return (parse(readFileSync(file, "utf8")) as StackFile | null) ?? {};
  } catch (error) {
    throw new Error(`${file} cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
