import type { KubernetesObject } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { environmentOf, stackyard } from "../support/stackyard";

const SANDBOX = `splitting-${process.pid}`;
const NAME = `split-${process.pid}`;
const SYSTEMS = ["dotdo", "fluxiondb", "plinko", "starter"];
const STACKS = SYSTEMS.map((system) => `${NAME}-${system}`);
const KINDS =
  "namespaces,serviceaccounts,services,configmaps,secrets,persistentvolumeclaims,resourcequotas,deployments,statefulsets,jobs,networkpolicies,ingresses,poddisruptionbudgets,horizontalpodautoscalers";

/** What the page says to type, block by block, of the environment of this test. */
const typed = (context: string) =>
  [...readFileSync("docs/splitting.md", "utf8").matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) =>
    block
      .replaceAll(/\bprod\b/g, NAME)
      .replaceAll("--cluster my-context", `--cluster ${context} --yes`)
      .replaceAll("npx stackyard", "node cli/stackyard.mjs"),
  );

interface Live extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: unknown;
}

describe("a stack of all systems becomes a stack a system, as docs/splitting.md says", function () {
  this.timeout("20m"); // the first run builds the programs
  let env: Record<string, string>;
  let context: string;
  let found: Awaited<ReturnType<typeof objects>>;
  const blocks = () => typed(context);
  const key = randomBytes(20).toString("hex");

  /** Types a command where nothing tells `pulumi` which stack is meant: the sandbox's cluster is as one of the user's own. */
  const type = (command: string, input = "") =>
    execa("bash", ["-euo", "pipefail", "-c", command], { env, input, all: true, reject: false });
  const done = async (command: string, input?: string) => {
    const { exitCode, all, stdout } = await type(command, input);
    assert.equal(exitCode, 0, `${command}\n${all}`);
    return stdout;
  };

  /** All of ours in the cluster: who each object is, and what was written into it by whom but controllers, who count as generations, too. */
  const objects = async () => {
    const { items } = JSON.parse(
      await done(`kubectl get ${KINDS} --all-namespaces --selector=app.kubernetes.io/part-of=stackyard --output=json`),
    ) as { items: Live[] };
    return items.map(
      ({
        metadata: { resourceVersion: _, generation: _generation, managedFields = [], ...metadata } = {},
        spec,
        status: _status,
        ...rest
      }) => ({
        ...rest,
        metadata,
        spec: { ...spec, replicas: undefined }, // an autoscaler's
        written: managedFields.filter(({ manager }) => manager?.startsWith("pulumi")),
      }),
    );
  };

  before(async () => {
    const whole = await environmentOf(SANDBOX);
    const file = whole["PULUMI_OPTION_CONFIG_FILE"] ?? "";
    env = Object.fromEntries(Object.entries(whole).filter(([name]) => !/^PULUMI_(STACK|OPTION_.*)$/.test(name)));
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, Record<string, unknown>> };
    context = config["stackyard:cluster"]?.["context"] as string;
    const tenants = config["stackyard:fluxiondb"]?.["tenants"] as Record<string, unknown>;
    tenants["bob"] = { ram: "1Gi", secrets: { apiKey: "bob-key" } };
    writeFileSync(`Pulumi.${NAME}.yaml`, stringify({ config: { ...config, "stackyard:protected": true } }));
    await done(`pulumi stack init ${NAME} --no-select`);
    await done(`pulumi config set --stack ${NAME} --secret --path stackyard:secrets.bob-key`, key);
    await done(`pulumi up --stack ${NAME} --yes --skip-preview`);
    found = await objects();
  });
  after(async () => {
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
    for (const file of readdirSync(".").filter((name) => name.startsWith(`Pulumi.${NAME}`))) rmSync(file);
  });

  it("with what it says to type, of which every preview finds nothing to do", async () => {
    assert.equal(blocks().length, 5);
    for (const block of blocks().slice(0, -1)) await done(block);
    const stacks = JSON.parse(await done("pulumi stack ls --json")) as { name: string; resourceCount?: number }[];
    const full = stacks.filter(({ resourceCount = 0 }) => resourceCount > 0).map(({ name }) => name);
    assert.deepEqual(full.sort(), STACKS);
  });

  it("and one command brings all of them up", async () => {
    const said = await done(blocks().at(-1) ?? "");
    assert.equal([...said.matchAll(/\d+ unchanged/g)].length, 2 * STACKS.length); // each previewed, and brought up
    for (const [index, stack] of STACKS.entries()) {
      const outputs = JSON.parse(await done(`pulumi stack output --stack ${stack} --json`)) as object;
      assert.ok(Object.keys(outputs).includes(SYSTEMS[index] ?? ""), Object.keys(outputs).join());
    }
  });

  it("with every object of the cluster as it was", async () => {
    assert.ok(found.length > 80, `${found.length} objects`);
    assert.deepEqual(await objects(), found);
  });

  it("with the secret encrypted in the file and in the state of the stack whose it is", async () => {
    const stack = `${NAME}-fluxiondb`;
    const file = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, Record<string, { secure?: string }>> };
    assert.match(file.config["stackyard:secrets"]?.["bob-key"]?.secure ?? "", /^v1:/);
    assert.equal(await done(`pulumi config get --stack ${stack} --path stackyard:secrets.bob-key`), key);
    for (const each of STACKS) assert.ok(!(await done(`pulumi stack export --stack ${each}`)).includes(key), each);
    assert.ok((await done(`pulumi stack export --stack ${stack} --show-secrets`)).includes(key));
  });
});
