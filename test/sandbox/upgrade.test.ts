import { strict as assert } from "node:assert";
import { execa } from "execa";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { boundTo, MANAGER, objectsOf, type Cluster, type Resource } from "../support/landed-state";
import { stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const STATES = "test/fixtures/states";
const versions = readdirSync(STATES).map((file) => file.replace(/\.json$/, ""));

/**
 * What the program of today is meant to change of what a version left: the operation with the last part of the URN, as in
 * `update dotdo-pods`, and why. All else breaks somebody's environment: a rename without an alias, a field that cannot change in place.
 */
const MEANT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "0.1.0": {},
};

describe("an upgrade of stack dev", function () {
  this.timeout("15m"); // the first run builds the programs

  it("is tried of every version that has landed", () => {
    assert.deepEqual(
      Object.keys(MEANT).sort(),
      versions.sort(),
      `name each version of ${STATES} in this test, with what is meant to change`,
    );
  });

  for (const [index, version] of versions.entries()) {
    describe(`from ${version}`, () => {
      const sandbox = `upgrade-${index}-${process.pid}`;
      const landed = JSON.parse(readFileSync(join(STATES, `${version}.json`), "utf8")) as Resource[];
      let stack: TrialStack;

      /** Runs a program with something to read. */
      const give = (input: unknown, program: string, ...args: string[]) =>
        execa(program, args, { env: stack.env, input: JSON.stringify(input) });

      before(async () => {
        stack = await TrialStack.on(sandbox, "dev", { policies: false });
        const cluster = clusterOf(stack.env);
        // the cluster as that version left it: what the program asks of it, and what its API server says to a change, are as they will be
        await give(
          { apiVersion: "v1", kind: "List", items: objectsOf(landed) },
          "kubectl",
          "create",
          `--field-manager=${MANAGER}`,
          "--filename=-",
        );
        await stack.kubectl("wait", "--for=condition=complete", "jobs", "--all", "--all-namespaces", "--timeout=120s");
        const exported = JSON.parse((await stack.pulumi("stack", "export")).stdout) as { deployment: object };
        await give(
          { ...exported, deployment: { ...exported.deployment, resources: boundTo(landed, cluster) } },
          "pulumi",
          "stack",
          "import",
        );
      });
      after(async () => {
        stack?.close();
        await stackyard(["sandbox", "reset", "--sandbox", sandbox]);
      });

      it("has the whole state of it", async () => {
        const { stdout } = await stack.pulumi("stack", "export");
        const { deployment } = JSON.parse(stdout) as { deployment: { resources: Resource[] } };
        assert.deepEqual(
          deployment.resources.map(({ urn }) => urn),
          landed.map(({ urn }) => urn),
        );
        assert.doesNotMatch(stdout, /landed-[\w-]+(password|key)"/, "its secrets are encrypted");
      });

      it("changes nothing that is not meant, and all that is", async () => {
        const steps = (await stack.preview()).map(({ op, name }) => `${op} ${name}`);
        assert.deepEqual(steps.sort(), Object.keys(MEANT[version] ?? {}).sort());
      });
    });
  }
});

/** The cluster that a stack of a sandbox is bound to. */
function clusterOf(env: TrialStack["env"]): Cluster {
  const file = parse(readFileSync(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as { config: { "stackyard:cluster": Cluster } };
  return { ...file.config["stackyard:cluster"], kubeconfig: env["KUBECONFIG"] ?? "" };
}
