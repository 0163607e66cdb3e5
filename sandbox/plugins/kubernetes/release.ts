import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { differenceOf, differences } from "../differences.js";
import { type Checked, type Difference, NotReady, type Request, type Resources, type State } from "../rpc.js";
import { hasUnknown, isObject, plainProperties, type Properties, put, revealed } from "../values.js";

/** Inputs that are one flag of `helm` each, where it is another word than the input's name in kebab case. */
const words: Record<string, string> = {
  disableWebhooks: "no-hooks",
  disableCRDHooks: "no-hooks",
  forceUpdate: "force",
  maxHistory: "history-max",
  postrender: "post-renderer",
};
const source = ["dependencyUpdate", "devel", "keyring", "postrender", "renderSubchartNotes", "skipCrds", "verify", "version"];
const repository = ["repo", "caFile", "certFile", "keyFile", "username"];
const action = ["atomic", "description", "disableOpenapiValidation", "takeOwnership", "timeout"];
const install = ["createNamespace", "replace", "disableWebhooks"];
const upgrade = ["resetValues", "reuseValues", "forceUpdate", "cleanupOnFail", "maxHistory", "disableCRDHooks"];

const flags = (inputs: Properties, names: string[]): string[] =>
  names.flatMap((name) => {
    const [value, word] = [inputs[name], words[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)];
    if (value === undefined || value === false || value === "") return [];
    return value === true ? [`--${word}`] : [`--${word}`, `${value as string | number}${name === "timeout" ? "s" : ""}`];
  });
const chartOf = (inputs: Properties): string[] => [
  inputs.chart as string,
  ...flags(inputs, source),
  ...flags(isObject(inputs.repositoryOpts) ? inputs.repositoryOpts : {}, repository),
];
/** The inputs without marks and nulls; with `allowNullValues` those of the values stay, each of which takes a default of the chart's away. */
const plainOf = (inputs: Properties): Properties =>
  inputs.allowNullValues === true && inputs.values !== undefined
    ? { ...plainProperties(inputs), values: revealed(inputs.values) }
    : plainProperties(inputs);
/** Which chart it is, as an error names it. */
const chartNamed = (inputs: Properties): string => {
  const repo = isObject(inputs.repositoryOpts) ? inputs.repositoryOpts.repo : undefined;
  return [
    `chart ${inputs.chart as string}`,
    ...(inputs.version ? [inputs.version as string] : []),
    ...(repo ? [`of ${repo as string}`] : []),
  ].join(" ");
};
const wait = ({ skipAwait, waitForJobs }: Properties): string[] =>
  skipAwait === true ? [] : ["--wait", ...(waitForJobs === true ? ["--wait-for-jobs"] : [])];

/** Names of the objects of a manifest, by kind and version: `{"Service/v1": ["web"], "Deployment.apps/apps/v1": ["web"]}`. */
const namesIn = async (manifest: string): Promise<Properties> => {
  const { parseAllDocuments } = await import("yaml");
  const names: Record<string, string[]> = {};
  for (const document of parseAllDocuments(manifest)) {
    const {
      apiVersion = "",
      kind,
      metadata = {},
    } = (document.toJS() ?? {}) as { apiVersion?: string; kind?: string; metadata?: { name?: string; namespace?: string } };
    const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
    if (kind) (names[`${kind}${group}/${apiVersion}`] ??= []).push([metadata.namespace, metadata.name].filter(Boolean).join("/"));
  }
  return names;
};

/** What helm says where it has changed nothing: what is there is as it was, and no new release. */
const NOT_BEGUN = /cannot re-use a name that is still in use|another operation \(.*\) is in progress|has no deployed releases/;

/** `helm.v3.Release`, by the helm program: values go through stdin, and the kubeconfig through a file that only we may read. */
export class Releases implements Resources {
  private kubeconfig?: string;

  constructor(private readonly args: () => Properties) {}

  private get access(): string[] {
    const { kubeconfig, context } = this.args() as { kubeconfig?: string; context?: string };
    if (kubeconfig && !existsSync(kubeconfig) && !this.kubeconfig) {
      const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
      this.kubeconfig = join(folder, "kubeconfig");
      writeFileSync(this.kubeconfig, kubeconfig, { mode: 0o600 });
      process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
      process.on("SIGTERM", () => process.exit()).on("SIGINT", () => process.exit());
    }
    const file = this.kubeconfig ?? kubeconfig;
    return [...(file ? ["--kubeconfig", file] : []), ...(context ? ["--kube-context", context] : [])];
  }

  private async helm(args: string[], inputs: Properties, signal?: AbortSignal): Promise<string> {
    const child = spawn("helm", [...args, "--namespace", inputs.namespace as string, ...this.access], { signal });
    const ended = new Promise<number | null>((resolve, reject) => {
      const missing = new Error("helm is not on PATH: the stand-in plugin installs charts with it (npx stackyard env)");
      child.on("close", resolve).on("error", (error) => reject("code" in error && error.code === "ENOENT" ? missing : error));
    });
    child.stdin.on("error", () => {}).end(args.includes("--values") ? JSON.stringify(inputs.values ?? {}) : ""); // it may end without reading
    const [code, out, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (code !== 0) throw new Error(said.replace(/^WARNING.*\n/gm, "").trim());
    return out;
  }

  async check({ name, inputs: given, oldInputs, seed, signal }: Request): Promise<Checked> {
    const rest = put(given, ["compat"], undefined);
    const fresh = `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
    const place = { name: rest.name || oldInputs.name || fresh, namespace: rest.namespace || this.args().namespace || "default" };
    const inputs: Properties = { ...(rest.skipAwait !== true && { timeout: 300 }), ...rest, ...place };
    const refused = (property: string, reason: string) => ({ inputs, failures: [{ property, reason }] });
    if (inputs.valueYamlFiles !== undefined) return refused("valueYamlFiles", "the stand-in plugin takes values only");
    if (isObject(inputs.repositoryOpts) && inputs.repositoryOpts.password !== undefined)
      return refused("repositoryOpts", "the stand-in plugin takes no password: the list of processes would show it");
    if (hasUnknown(inputs) || inputs.chart === undefined) return { inputs }; // what is imported is known by its name alone
    const plain = plainOf(inputs);
    try {
      const manifest = await this.helm(
        ["template", plain.name as string, ...chartOf(plain), "--values", "-", ...flags(plain, ["disableWebhooks"])],
        plain,
        signal,
      );
      return {
        inputs: { ...inputs, checksum: createHash("sha256").update(manifest).digest("hex"), resourceNames: await namesIn(manifest) },
      };
    } catch (error) {
      return refused("chart", `${chartNamed(plain)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async diff({ oldInputs, inputs, ignoreChanges }: Request): Promise<Difference> {
    const found = differences({ old: plainOf(oldInputs), next: plainOf(inputs) });
    return differenceOf(found, ignoreChanges, ([first]) => first === "name" || first === "namespace");
  }

  private async run(args: string[], { inputs, status, signal }: Request): Promise<State> {
    const plain = plainOf(inputs);
    const id = `${plain.namespace as string}/${plain.name as string}`;
    const command = [
      ...args,
      plain.name as string,
      ...chartOf(plain),
      ...flags(plain, action),
      ...wait(plain),
      "--values",
      "-",
      "--output",
      "json",
    ];
    status(`Waiting for helm ${args[0]}`);
    const failure = await this.helm(command, plain, signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof Error && NOT_BEGUN.test(failure.message))
      throw new Error(`release ${id}: ${failure.message}`, { cause: failure });
    const found = await this.find(plain);
    if (found && !failure) return { id, outputs: { ...inputs, status: found } };
    const reason = `release ${id}: ${failure instanceof Error ? failure.message : "it is not there"}`;
    throw found ? new NotReady([reason], { id, outputs: { ...inputs, status: found } }) : new Error(reason, { cause: failure });
  }

  /** The `status` of the release as it is now. */
  private async find(inputs: Properties): Promise<Properties | undefined> {
    try {
      const said = JSON.parse(await this.helm(["get", "metadata", inputs.name as string, "--output", "json"], inputs)) as Properties;
      return Object.fromEntries(
        ["name", "namespace", "revision", "status", "chart", "version", "appVersion"].map((key) => [key, said[key] ?? ""]),
      );
    } catch (error) {
      if (error instanceof Error && error.message.includes("release: not found")) return undefined;
      throw error;
    }
  }

  async create(request: Request): Promise<State> {
    if (request.preview) return { id: "", outputs: request.inputs };
    return this.run(["install", ...flags(plainProperties(request.inputs), install)], request);
  }

  async update(request: Request): Promise<Properties> {
    if (request.preview) return request.inputs;
    return (await this.run(["upgrade", ...flags(plainProperties(request.inputs), upgrade)], request)).outputs;
  }

  async read({ id, oldInputs, state }: Request): Promise<State | undefined> {
    const [namespace = "", name = ""] = id.split("/");
    const status = await this.find({ namespace, name });
    const inputs = { namespace, name, ...oldInputs };
    return status && { id, inputs, outputs: { ...inputs, ...state, status } };
  }

  async delete({ state, signal }: Request): Promise<void> {
    const plain = plainProperties(state);
    const waiting = plain.skipAwait === true && plain.atomic !== true ? [] : ["--wait", ...flags(plain, ["timeout"])];
    await this.helm(["uninstall", plain.name as string, "--ignore-not-found", ...waiting], plain, signal);
  }
}
