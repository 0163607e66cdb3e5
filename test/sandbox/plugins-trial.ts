import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { KubeConfig, type KubernetesObject, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as automation from "@pulumi/pulumi/automation";
import * as runtime from "@pulumi/pulumi/runtime";

// A run that fails leaves connections that pause before they try again, and a later engine may get the same port: if it shared such a
// connection, its program would fail unheard, and the Automation API would take it for an empty one and delete everything.
Object.assign((runtime as unknown as { grpcChannelOptions: object }).grpcChannelOptions, { "grpc.use_local_subchannel_pool": 1 });

/** What a program of a test gets: options that bind its resources to the cluster, and a namespace that exists. */
export interface Given {
  readonly on: pulumi.CustomResourceOptions;
  readonly namespace: string;
}
type Outputs = Record<string, unknown> | void;
export type Program = (given: Given) => Outputs | Promise<Outputs>;

/** What `pulumi` is run with: which plugins it finds is decided by the environment alone. */
export interface World {
  readonly env: Readonly<Record<string, string>>;
  /** Content of the kubeconfig. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}
interface Resource {
  readonly urn: string;
  readonly id?: string;
}

/** One stack whose program can be another at each run, in a folder of its own that has its project and its state. */
export class Trial {
  providerArgs: k8s.ProviderArgs;
  private readonly dir = mkdtempSync(join(tmpdir(), "stackyard-trial-"));
  private program: Program = () => {};
  private opened?: Promise<automation.Stack>;

  constructor(
    private readonly world: World,
    readonly namespace: string,
  ) {
    this.providerArgs = { kubeconfig: world.kubeconfig };
  }

  private async stack(program: Program = () => {}, env: Record<string, string> = {}): Promise<automation.Stack> {
    this.program = program;
    this.opened ??= automation.LocalWorkspace.createStack(
      {
        stackName: "t",
        projectName: "trial",
        program: async () => {
          const provider = new k8s.Provider("cluster", this.providerArgs);
          return (await this.program({ on: { provider }, namespace: this.namespace })) ?? {};
        },
      },
      {
        workDir: this.dir,
        envVars: {
          ...this.world.env,
          PULUMI_BACKEND_URL: `file://${this.dir}`,
          PULUMI_CONFIG_PASSPHRASE: "trial",
          PULUMI_CONFIG_PASSPHRASE_FILE: "",
        },
      },
    );
    const stack = await this.opened;
    stack.workspace.envVars = { ...stack.workspace.envVars, PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "", ...env };
    return stack;
  }

  /** What a preview would do to each resource (`create web`, `replace web`), without what stays the same. */
  async preview(program: Program): Promise<string[]> {
    const steps: string[] = [];
    await (await this.stack(program)).preview({ onEvent: note(steps) });
    return steps;
  }

  /** Brings the program up; what was done as `preview` says it, and the outputs. */
  async up(program: Program, env: Record<string, string> = {}): Promise<{ steps: string[]; outputs: automation.OutputMap }> {
    const steps: string[] = [];
    const { outputs } = await (await this.stack(program, env)).up({ onEvent: note(steps) });
    return { steps, outputs };
  }

  async refresh(): Promise<automation.OpMap> {
    const { summary } = await (await this.stack()).refresh();
    return summary.resourceChanges ?? {};
  }

  /** The resource of this name as the state has it. */
  async resource(name: string): Promise<Resource | undefined> {
    const { resources = [] } = (await (await this.stack()).exportStack()).deployment as { resources?: Resource[] };
    return resources.find(({ urn }) => urn.endsWith(`::${name}`));
  }

  /** Everything in that folder, as text: the stack's file, state, history and backups. */
  files(): string {
    const all = readdirSync(this.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return all.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
  }

  /** Forgets the stack; its objects go with the namespace. */
  end(): void {
    rmSync(this.dir, { recursive: true });
  }
}

const note =
  (steps: string[]) =>
  ({ resourcePreEvent }: automation.EngineEvent): void => {
    const { op, urn, type } = resourcePreEvent?.metadata ?? {};
    const name = urn?.split("::").at(-1) ?? "";
    if (op && op !== "same" && op !== "read" && type !== "pulumi:pulumi:Stack" && !name.startsWith("default_")) steps.push(`${op} ${name}`);
  };

/** A new folder with these files. */
export const folderOf = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-chart-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};

/** What a run fails with; fails itself when the run goes through. */
export const failureOf = async (run: Promise<unknown>): Promise<string> => {
  const end = await run.then(
    () => undefined,
    (error: unknown) => String(error),
  );
  if (end === undefined) throw new Error("the run went through, but should have failed");
  return end;
};

/** The cluster seen past Pulumi, as somebody else sees and changes it. */
export class Outside {
  readonly api: KubernetesObjectApi;
  private readonly kept: KubernetesObject[] = [];

  constructor(world: World) {
    const config = new KubeConfig();
    config.loadFromString(world.kubeconfig);
    this.api = KubernetesObjectApi.makeApiClient(config);
  }

  /** Makes an object that is deleted at the end of the test. */
  async keep(object: KubernetesObject & Record<string, unknown>): Promise<void> {
    this.kept.push(await this.api.create(object));
  }

  async end(): Promise<void> {
    for (const object of this.kept.splice(0).reverse()) await this.api.delete(object);
  }

  /** Sets an admission policy up that refuses ConfigMaps of the namespace, and waits until it does. */
  async refuse(namespace: string, unless: string, message: string, example: KubernetesObject): Promise<void> {
    const admission = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: namespace } };
    const rules = [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["CREATE", "UPDATE"] }];
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
    const spec = { matchConstraints: { namespaceSelector, resourceRules: rules }, validations: [{ expression: unless, message }] };
    await this.keep({ ...admission, kind: "ValidatingAdmissionPolicy", spec });
    await this.keep({
      ...admission,
      kind: "ValidatingAdmissionPolicyBinding",
      spec: { policyName: namespace, validationActions: ["Deny"] },
    });
    const refused = () =>
      this.api.create(example, undefined, "All").then(
        () => false,
        () => true,
      );
    while (!(await refused())) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** The object, or undefined where there is none. */
  async get<T extends KubernetesObject>(apiVersion: string, kind: string, name: string, namespace?: string): Promise<T | undefined> {
    try {
      return await this.api.read<T>({ apiVersion, kind, metadata: { name, namespace: namespace ?? "" } });
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      throw error;
    }
  }

  async has<T extends KubernetesObject>(apiVersion: string, kind: string, name: string, namespace?: string): Promise<T> {
    const found = await this.get<T>(apiVersion, kind, name, namespace);
    if (!found) throw new Error(`there is no ${kind} ${namespace}/${name}`);
    return found;
  }

  async list(apiVersion: string, kind: string, namespace: string): Promise<KubernetesObject[]> {
    const { items } = await this.api.list(apiVersion, kind, namespace);
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }

  change(object: KubernetesObject & Record<string, unknown>): Promise<KubernetesObject> {
    return this.api.patch(object, undefined, undefined, "somebody-else", undefined, PatchStrategy.MergePatch);
  }
}
