import type { V1Deployment } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { modules } from "../../sandbox/toolchain";
import { moduleFolder } from "../../sandbox/toolchain/go";
import { OwnProject } from "../support/own-project";
import { textOf, type Shell } from "../support/pages";
import { blocks, HERE, isHere, linesOf, OWN } from "../support/shown-blocks";
import { ON_DEV, typeShown } from "../support/shown-shell";
import { Served } from "../support/served";
import { printed, stackyard } from "../support/stackyard";
import { TrialStack, type Config } from "../support/trial-stack";

const blocksTyped = new Set<Shell>();

/** What a part of a page has typed, but for what cannot be run here. */
function blockOf(page: string, heading: string, index = 0): string {
  const found = blocks.filter((block) => block.page === page && block.heading === heading)[index] ?? assert.fail(`${page}, ${heading}`);
  blocksTyped.add(found);
  return linesOf(found.text).filter(isHere).join("\n").replaceAll("npx stackyard", "node cli/stackyard.mjs");
}

/** A value for each command that asks for one. */
const answered = (commands: string) => commands.replace(/^(pulumi config set .*--secret --path \S+)$/gm, "$1 <<< a-value-of-a-test");

/** Commands of the pages that are not `npx stackyard` alone, on a sandbox where `dev` is up. */
export function shownShell(sandbox: string): void {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-shell-"));
  let stack: TrialStack;
  const bash = (commands: string, options: { env?: Readonly<Record<string, string>>; cwd?: string } = {}) =>
    execa("bash", ["-eu", "-o", "pipefail", "-c", commands], { env: stack.env, ...options, all: true, stdin: "ignore" });

  before(async () => {
    stack = await TrialStack.on(sandbox);
  });
  after(() => {
    stack?.close();
    rmSync(folder, { recursive: true });
  });

  for (const [line, run] of Object.entries(ON_DEV)) it(line, () => typeShown(line, run, { ...stack.env, folder }));

  it("give a deployer the role, and a token", async () => {
    const { all } = await bash(blockOf("docs/deployers.md", "Giving the role"));
    assert.match(all, /clusterrolebinding\.rbac\.authorization\.k8s\.io\/stackyard-deployer (created|configured)/);
    await bash("kubectl create namespace ci\nkubectl create serviceaccount deployer --namespace ci");
    const { stdout: token } = await bash(blockOf("docs/deployers.md", "In CI"));
    const [, payload = ""] = token.split(".");
    assert.match(Buffer.from(payload, "base64url").toString(), /"sub":"system:serviceaccount:ci:deployer"/);
  });

  it("read the key of a tenant, and give it one of its own", async () => {
    const { stdout: key } = await bash(blockOf("docs/systems/fluxiondb.md", "In a stack", 1).replace("<user>", "alice"));
    assert.match(key, /^[A-Za-z0-9]{40}$/);
    await bash(answered(blockOf("docs/systems/fluxiondb.md", "In a stack")));
    const file = readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8");
    for (const part of [/fluxiondb-alice-api-key:\s+secure: v1:/, /apiKey: fluxiondb-alice-api-key/]) assert.match(file, part);
  });

  it("bring the CRDs of Envoy Gateway up to what its chart has", async () => {
    const module = await moduleFolder(modules("crds"), "github.com/envoyproxy/gateway");
    symlinkSync(join(module, "charts/gateway-helm"), join(folder, "gateway-helm")); // as `helm pull` would have it
    const { all } = await bash(blockOf("docs/systems/platform.md", "The edge"), { cwd: folder });
    assert.match(all, /backendtrafficpolicies\.gateway\.envoyproxy\.io serverside-applied/);
  });

  it("ask the tenants' HTTP API for a tenant, and follow it", async () => {
    const [ask = "", follow = ""] = blockOf("docs/tenants-api.md", "The tenants' HTTP API").match(/^curl .*$/gm) ?? [];
    const created = await stackyard(["tenants", "token", "create", "console", "--sandbox", sandbox]);
    assert.equal(created.exitCode, 0, printed(created));
    const served = new Served(["tenants", "serve", "--port", "0", "--sandbox", sandbox], join(folder, "served.log"), {});
    try {
      const url = await served.url();
      const env = { ...stack.env, TOKEN: created.stdout as string };
      const at = (command: string) => command.replace("http://127.0.0.1:8642", url);
      writeFileSync(join(folder, "request.json"), JSON.stringify({ user: "by-curl", ram: "2Gi", apiKey: "the-key-of-a-test" }));
      const { stdout: answer } = await bash(at(ask), { env, cwd: folder });
      const { id } = JSON.parse(answer) as { id: string };
      const { stdout: events } = await bash(at(follow).replace("<id>", id), { env });
      assert.match(events, /"state":"succeeded"/);
    } finally {
      assert.equal(await served.end("SIGTERM"), 0);
    }
  });

  describe("in a project of one's own, with a backend of its own", () => {
    let own: OwnProject;
    let cluster: { context: string; uid: string };
    let env: Record<string, string>;
    const run = async (commands: string) => {
      const { exitCode, stdout, all } = await own.run("bash", ["-eu", "-o", "pipefail", "-c", commands], env);
      assert.equal(exitCode, 0, `${commands}\n${all}`);
      return stdout;
    };
    /** A stack of dotdo alone. */
    const write = (stack: string, dotdo: (section: Record<string, unknown>) => object, more: Config = {}) =>
      own.writeStack(stack, (config) => {
        const section = dotdo(config["stackyard:dotdo"] ?? {});
        for (const key of Object.keys(config)) if (key !== "stackyard:policy") Reflect.deleteProperty(config, key);
        Object.assign(config, { "stackyard:layers": ["dotdo"], "stackyard:dotdo": section, ...more });
      });

    before(() => {
      own = new OwnProject();
      const file = readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8");
      cluster = (parse(file) as { config: Config }).config["stackyard:cluster"] as typeof cluster;
      mkdirSync(join(folder, "state"));
      const clean = Object.entries(stack.env).filter(([name]) => !/^PULUMI_(STACK|OPTION_.*)$/.test(name));
      env = { ...Object.fromEntries(clean), PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_SKIP_CONFIRMATIONS: "true" };
      write("dev", (section) => ({ ...section, namespace: { name: "dotdo-own" } }));
      const bound = { "stackyard:cluster": cluster };
      const off = { enabled: false };
      const data = { TURSO_URL: "libsql://do.turso.io", R2_ENDPOINT: "https://s3.example.com", R2_BUCKET: "iceberg" };
      const apart = { ingress: off, linkerd: off, prometheus: off, autoscaling: off, podDisruptionBudget: off };
      write("prod", () => ({ image: { tag: "1.4.0" }, env: data, ...apart }), bound);
      write("fly", ({ externalSecrets: _, ...section }) => ({ ...section, secrets: { r2SecretKey: "tigris-secret-key" } }), bound);
    });
    after(() => own?.close());

    it("bind a stack to a cluster, and bring it up", async () => {
      await run(blockOf("README.md", "With your own Pulumi and cluster").replaceAll("my-context", cluster.context));
      const [dotdo] = await stack.objects<V1Deployment>("deployments", "--namespace=dotdo-own", "--field-selector=metadata.name=dotdo");
      assert.equal(dotdo?.status?.availableReplicas, dotdo?.status?.replicas);
      const file = () => run("cat Pulumi.dev.yaml");
      const before = await file();
      assert.ok(before.includes(cluster.uid), before);
      await run("pulumi config rm --path stackyard:cluster.uid");
      await run(blockOf("docs/configuration.md", "Binding a stack to its cluster").replaceAll("kind-dev", cluster.context));
      assert.equal(await file(), before);
    });

    it("share the secrets of one stack with another", async () => {
      await run("pulumi stack init prod --no-select; pulumi stack init fly --no-select");
      await run(answered(blockOf("docs/configuration.md", "Secrets")));
      const [, json = ""] = /```json\n(.*)\n```/.exec(textOf("docs/configuration.md")) ?? [];
      await run(`HOME="${folder}"\necho '${json}' > ~/docker-config.json\n${blockOf("docs/configuration.md", "Registries")}`);
      await run("pulumi config set --stack fly --secret --path stackyard:secrets.tigris-secret-key <<< another-value");
      await run(answered(blockOf("docs/fly.md", "What to type")));
      assert.match(await run("cat fly.toml"), /^TURSO_URL = "libsql:\/\/do\.turso\.io"$/m);
      assert.equal(await run("pulumi config get --stack prod --path stackyard:secrets.registry-pull-secret"), json);
    });

    it(OWN.slice(-1).join(), async () => {
      const [line = ""] = OWN.slice(-1);
      await run(`${line} --stack dev --yes`);
      assert.ok((await run("cat Pulumi.dev.yaml")).includes(cluster.uid));
      assert.deepEqual((JSON.parse(await run("pulumi stack ls --json")) as { name: string }[]).map(({ name }) => name).sort(), [
        "fly",
        "prod",
      ]);
    });

    it("write the schema and the list of rules as they are", async () => {
      const [schema, rules] = ["config/schema.json", "docs/policies.md"];
      await run(
        `mkdir docs bench bench/results\ncp "${resolve(rules)}" docs\ncp "${resolve("bench/results/mutation.json")}" bench/results`,
      );
      await run(`echo > ${schema}\nsed -i 's/high, mandatory/low, advisory/' ${rules}\nnpm run schema\nnpm run policies`);
      for (const file of [schema, rules]) assert.equal(await run(`cat ${file}`), readFileSync(file, "utf8").trimEnd());
    });

    it("have all been typed whose block is said to be typed here", () => {
      const said = blocks.filter((block) => HERE.some(([page, heading]) => page === block.page && heading === block.heading));
      assert.deepEqual(
        said.filter((block) => !blocksTyped.has(block)),
        [],
      );
    });
  });
}
