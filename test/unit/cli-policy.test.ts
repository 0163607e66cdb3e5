import { strict as assert } from "node:assert";
import { readdirSync } from "node:fs";
import { policyCommand } from "../../cli/commands/policy";
import type { UserError } from "../../cli/errors";
import { conflictsOf, cutOffOf, eventsIn, rulesRefusing, unknownOf } from "../../cli/verdict";
import { RULES } from "../../policy/rules";

/** What a command prints to standard output. */
async function answer(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => void lines.push(line);
  try {
    await policyCommand.parseAsync(args, { from: "user" });
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}
const read = async (...args: string[]) => JSON.parse(await answer(...args)) as unknown;

describe("stackyard policy", function () {
  this.timeout("20s"); // the first one loads rules and schemas
  it("lists every rule with family, severity, level, values and exceptions in a stack", async () => {
    const rows = (await read("list", "prod", "--json")) as { rule: string }[];
    assert.deepEqual(
      rows.map(({ rule }) => rule),
      RULES.map(({ id }) => id),
    );
    assert.deepEqual(
      rows.find(({ rule }) => rule === "fluxiondb-one-replica"),
      { rule: "fluxiondb-one-replica", family: "fluxiondb", severity: "critical", level: "mandatory", values: {}, exceptions: [] },
    );
    const table = await answer("list", "prod");
    assert.match(table, /^rule +family +severity +level +exceptions/);
    assert.match(table, /^fluxiondb-one-replica +fluxiondb +critical +mandatory/m);
    assert.match(table, new RegExp(`^${RULES.length} rules as stack "prod" has them`, "m"));
  });

  it("explains a rule: why, what to do, who says so, its values, its level in each stack, and how to set them", async () => {
    const rule = RULES.find(({ id }) => id === "dotdo-scaling")!;
    const text = await answer("explain", "dotdo-scaling");
    for (const part of [rule.reason, rule.remedy, rule.source, rule.severity]) assert.ok(text.includes(part), part);
    for (const [name, value] of Object.entries(rule.values ?? {}))
      assert.match(text, new RegExp(`value ${name} +${JSON.stringify(value)}`));
    assert.match(text, / {2}stackyard:policy:\n {4}rules:\n {6}dotdo-scaling:\n {8}level: advisory\n {8}values:\n {10}min: 2/);

    const { stacks, ...said } = (await read("explain", "dotdo-scaling", "--json")) as Record<string, unknown>;
    assert.deepEqual([said["rule"], said["level"], said["values"]], ["dotdo-scaling", "mandatory", rule.values]);
    const files = readdirSync(".").flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
    assert.deepEqual((stacks as { stack: string }[]).map(({ stack }) => stack).sort(), files.sort());
  });

  it("says of values that are not known yet whether they are refused", async () => {
    assert.match(await answer("explain", "fluxiondb-one-replica"), /unknown values +refused/);
    assert.match(await answer("explain", "own-namespace"), /unknown values +said, and judged in the update/);
  });

  it("names the nearest rules of one that there is not, each with what to type", () =>
    assert.rejects(policyCommand.parseAsync(["explain", "fluxiondb-one-replicas"], { from: "user" }), (error: UserError) => {
      assert.match(error.message, /^there is no rule "fluxiondb-one-replicas"; nearest are fluxiondb-one-replica, /);
      assert.equal(error.remedy[0], "npx stackyard policy explain fluxiondb-one-replica");
      return true;
    }));

  it("refuses a stack that there is not", () =>
    assert.rejects(policyCommand.parseAsync(["list", "nowhere"], { from: "user" }), { message: /there is no stack "nowhere" here/ }));
});

describe("what a refused run is said to be refused by", () => {
  const event = (enforcementLevel: string, ...lines: string[]) =>
    JSON.stringify({ policyEvent: { enforcementLevel, message: `${lines.join("\n")}\n`, color: "never" } });
  const urn = "urn:pulumi:dev::stackyard::kubernetes:apps/v1:Deployment::starter-api-pods";
  const error = (message: string, severity = "error") => JSON.stringify({ diagnosticEvent: { urn, message, severity } });

  it("is each rule once that is mandatory, and nothing else of the log", () => {
    const log = [
      JSON.stringify({ preludeEvent: { config: {} } }),
      event("mandatory", "says more:", 'image-pinned: Deployment a/b, container "c": spec is x. Do: this.'),
      event("mandatory", "says more:", "image-pinned: Deployment a/c: spec is x."),
      event("advisory", "says more:", "one-scaler: HorizontalPodAutoscaler a/b: spec is x."),
      event("mandatory", "says more:", "fluxiondb-one-replica: StatefulSet a/b: spec is x."),
      '{"policyEvent":{"enforcementLevel":"mandatory","message":"cut o',
    ].join("\n");
    assert.deepEqual(rulesRefusing(eventsIn(log)), ["image-pinned", "fluxiondb-one-replica"]);
    assert.deepEqual(rulesRefusing(eventsIn("")), []);
  });

  it("is who else has set which fields, whichever plugin says it", () => {
    const one = 'conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="api"].image';
    const two = 'conflicts with "kubectl-edit" using apps/v1:\n- .spec.replicas\n- .spec.paused';
    const log = [
      error(
        `a would not be updated: Apply failed with 1 conflict: ${one} (annotation pulumi.com/patchForce: "true" takes these fields over)\n`,
      ),
      error(`Server-Side Apply field conflict detected. See https://…\n: Apply failed with 2 conflicts: ${two}\n`),
      error(`Apply failed with 1 conflict: ${one}`, "warning"),
      error("preview failed"),
    ].join("\n");
    assert.deepEqual(conflictsOf(eventsIn(log)), [`  starter-api-pods: ${one}`, `  starter-api-pods: ${two}`]);
    assert.deepEqual(unknownOf(eventsIn(log)), []);
  });

  it("is what the cluster has already, whichever plugin says it", () => {
    const one = 'deployments.apps "starter-api" already exists';
    const log = [
      error(`Deployment starter-dev/starter-api was not created: ${one}\n`),
      error(`resource starter-dev/starter-api was not successfully created by the Kubernetes API server: ${one}\n`),
      error(one, "warning"),
      error("update failed"),
    ].join("\n");
    assert.deepEqual(unknownOf(eventsIn(log)), [`  starter-api-pods: ${one}`, `  starter-api-pods: ${one}`]);
    assert.deepEqual(cutOffOf(eventsIn(log)), []);
  });

  it("is what Helm has not ended, in Helm's words", () => {
    const busy = "another operation (install/upgrade/rollback) is in progress";
    const none = '"dotdo" has no deployed releases';
    const log = [
      error(`1 error occurred:\n\t* UPGRADE FAILED: ${busy}\n\n`),
      error(`UPGRADE FAILED: ${none}`),
      error("update failed"),
    ].join("\n");
    assert.deepEqual(cutOffOf(eventsIn(log)), [`  starter-api-pods: ${busy}`, `  starter-api-pods: ${none}`]);
    assert.deepEqual(unknownOf(eventsIn(error("cannot re-use a name that is still in use"))), [
      "  starter-api-pods: cannot re-use a name that is still in use",
    ]);
  });
});
