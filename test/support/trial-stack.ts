import { execa } from "execa";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { environmentOf } from "./stackyard";

/** Sections of a stack's file, by their full keys. */
export type Config = Record<string, Record<string, unknown>> & { "stackyard:layers"?: unknown };

/** One step of a preview. */
export interface Step {
  readonly op: "same" | "create" | "update" | "delete" | "replace" | "create-replacement" | "delete-replaced";
  /** Last part of the URN. */
  readonly name: string;
  /** What changes in the inputs: where, and to what. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/** The part of a digest of `pulumi preview --json` that tests look at. */
interface Digest {
  readonly steps: readonly {
    readonly op: Step["op"];
    readonly urn: string;
    readonly oldState?: { readonly custom?: boolean };
    readonly newState?: { readonly custom?: boolean; readonly inputs?: unknown };
    readonly detailedDiff?: Record<string, unknown> | null;
  }[];
  readonly diagnostics?: readonly { readonly message: string }[];
}

/** The value at a path such as `spec.ports[0].port`. */
const at = (value: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/** A stack of a sandbox, whose file a test changes, with plain `pulumi` and `kubectl` on it. */
export class TrialStack {
  private constructor(
    readonly env: Readonly<Record<string, string>>,
    private readonly folder: string,
    private readonly right: { readonly config: Config },
  ) {}

  /**
   * Starts the sandbox where it does not run.
   *
   * @param policies whether the policy pack judges each run, which takes its time
   */
  static async on(sandbox: string, name = "dev", { policies = true } = {}): Promise<TrialStack> {
    const { PULUMI_OPTION_CONFIG_FILE = "", PULUMI_OPTION_POLICY_PACK = "", ...rest } = await environmentOf(sandbox, name);
    const env = { ...rest, ...(policies && { PULUMI_OPTION_POLICY_PACK }) };
    const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    const right = parse(readFileSync(PULUMI_OPTION_CONFIG_FILE, "utf8")) as { config: Config };
    const stack = new TrialStack({ ...env, PULUMI_OPTION_CONFIG_FILE: join(folder, "Pulumi.dev.yaml") }, folder, right);
    stack.write(() => {});
    return stack;
  }

  /** Writes the stack's file: that of the repository, changed. */
  write(change: (config: Config) => void): void {
    const file = structuredClone(this.right);
    change(file.config);
    writeFileSync(join(this.folder, "Pulumi.dev.yaml"), stringify(file));
  }

  /** Never rejects, so that a test can look at how it ended. */
  pulumi(...args: string[]) {
    return execa("pulumi", [...args, "--non-interactive", "--color=never"], { env: this.env, reject: false, all: true });
  }

  async kubectl(...args: string[]): Promise<string> {
    return (await execa("kubectl", args, { env: this.env })).stdout;
  }

  /** Objects that the cluster has. */
  async objects<T>(...args: string[]): Promise<T[]> {
    return (JSON.parse(await this.kubectl("get", ...args, "--output=json")) as { items: T[] }).items;
  }

  /** What an up would do now to resources that are no components, without what stays the same. */
  async preview(): Promise<Step[]> {
    const { stdout, exitCode } = await this.pulumi("preview", "--json");
    const { steps, diagnostics = [] } = JSON.parse(stdout) as Digest;
    if (exitCode !== 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return steps
      .filter(({ op, oldState, newState = oldState }) => op !== "same" && newState?.custom)
      .map(({ op, urn, newState, detailedDiff }) => ({
        op,
        name: urn.split("::").at(-1) ?? "",
        changes: Object.fromEntries(Object.keys(detailedDiff ?? {}).map((path) => [path, at(newState?.inputs, path)])),
      }));
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
