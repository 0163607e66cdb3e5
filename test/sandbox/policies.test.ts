import { strict as assert } from "node:assert";
import { OwnProject } from "../support/own-project";

const SANDBOX = `policies-${process.pid}`;
const on = ["--sandbox", SANDBOX];
const KEY = "key-51c0ffee";

/** A program of somebody's own: one tenant, with the last word on its objects. */
const program = (transform = "{}") => `
import * as pulumi from "@pulumi/pulumi";
import { FluxionDb, type FluxionDbArgs } from "./components/fluxiondb";
import { load } from "./config";
import { providerOf } from "./stacks/cluster";

const { cluster } = load();
const transform: FluxionDbArgs["transform"] = ${transform};
export default () => {
  const image = { tag: "1.0.3" };
  new FluxionDb("fluxiondb-alice", { user: "alice", ram: "1Gi", image, apiKey: pulumi.secret("${KEY}"), transform }, { provider: providerOf(cluster) });
};
`;
const TWO_REPLICAS = "{ database: (set) => void (set.spec.replicas = 2) }";
const TRIPLE_STORAGE = '{ claim: (claim) => void (claim.spec.resources.requests.storage = "3Gi") }';

/** Rules that two replicas break, of those that are mandatory. */
const OF_TWO = ["fluxiondb-one-replica", "rwo-one-pod", "pods-spread", "quota-has-room"];

const day = (fromNow: number) => new Date(Date.now() + fromNow * 86_400_000).toISOString().slice(0, 10);

interface Recorded {
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: unknown;
}

describe("the policy pack, on a program of somebody's own", function () {
  this.timeout("15m"); // the first run builds the programs
  let project: OwnProject;
  let env: Record<string, string>;

  const write = (transform?: string, policy?: object) => {
    project.writeProgram(program(transform));
    project.writeStack("dev", (config) => {
      for (const layer of ["dotdo", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
      config["stackyard:layers"] = ["fluxiondb"];
      if (policy) config["stackyard:policy"] = { ...policy };
    });
  };
  const said = ({ all }: { readonly all?: unknown }) =>
    String(all)
      .replaceAll(/\p{Cc}\[[\d;]*m/gu, "")
      .replaceAll(/\s+/g, " ");
  const preview = () => project.stackyard("preview", "dev", ...on);

  /** What the state has, and what the cluster is asked for. */
  async function everything(): Promise<readonly unknown[]> {
    const { stdout } = await project.run("pulumi", ["stack", "export"], env);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: Recorded[]; pending_operations?: unknown[] } };
    // written anew by a run that ends in the middle: in another order, encrypted again
    const recorded = deployment.resources.map(({ urn, id, inputs }) =>
      JSON.stringify([urn, id, inputs]).replaceAll(/"ciphertext":"[^"]+"/g, ""),
    );
    const kinds = "namespaces,statefulsets,persistentvolumeclaims,resourcequotas,networkpolicies,services,secrets";
    const ours = "--selector=app.kubernetes.io/part-of=stackyard";
    const { stdout: objects } = await project.run("kubectl", ["get", kinds, "--all-namespaces", ours, "--output=json"], env);
    const { items } = JSON.parse(objects) as { items: { kind: string; metadata: { name: string; uid: string }; spec?: unknown }[] };
    assert.ok(items.length > 5 && recorded.length > 5);
    return [
      recorded.sort(),
      deployment.pending_operations,
      items.map(({ kind, metadata: { name, uid }, spec }) => ({ kind, name, uid, spec })),
    ];
  }

  before(async () => {
    project = new OwnProject();
    write();
    const up = await project.stackyard("up", "dev", ...on);
    assert.equal(up.exitCode, 0, said(up));
    env = JSON.parse((await project.run("node", ["cli/stackyard.mjs", "env", "dev", ...on, "--json"])).stdout) as Record<string, string>;
  });
  after(async () => {
    await project?.stackyard("sandbox", "reset", ...on);
    project?.close();
  });

  const broken: [what: string, transform: string, said: RegExp][] = [
    [
      "two replicas",
      TWO_REPLICAS,
      /fluxiondb-one-replica: StatefulSet fluxiondb-alice\/fluxiondb of tenant alice: spec\.replicas is 2, and has to be 1\. Leave spec\.replicas at 1/,
    ],
    [
      "storage of 3 × RAM",
      TRIPLE_STORAGE,
      /fluxiondb-storage: PersistentVolumeClaim fluxiondb-alice\/fluxiondb of tenant alice: spec\.resources\.requests\.storage is 3Gi, and has to be twice the RAM of 1Gi: 2Gi\. .*persistence\.size/,
    ],
  ];
  for (const [what, transform, expected] of broken) {
    // the same by kubectl: admission.test.ts
    it(`refuses ${what}, whoever asks, with tenant, field, value and remedy, and changes nothing`, async () => {
      write(transform);
      const before = await everything();
      for (const [way, run, exitCode] of [
        ["stackyard preview", preview, 1],
        ["stackyard up", () => project.stackyard("up", "dev", ...on), 1],
        ["pulumi preview", () => project.run("pulumi", ["preview", "--non-interactive"], env), undefined],
        ["pulumi up", () => project.run("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"], env), undefined],
      ] as const) {
        const ended = await run();
        if (exitCode === undefined) assert.notEqual(ended.exitCode, 0, way);
        else assert.equal(ended.exitCode, exitCode, `${way}: ${said(ended)}`);
        assert.match(said(ended), expected, `${way}: ${said(ended)}`);
        assert.ok(!said(ended).includes(KEY), `${way} tells the key`);
        assert.deepEqual(await everything(), before, `${way} has changed something`);
      }
    });
  }

  it("lets through what is advice in this environment, and says it", async () => {
    write(TWO_REPLICAS, { rules: Object.fromEntries(OF_TWO.map((rule) => [rule, "advisory"])) });
    const ended = await preview();
    assert.equal(ended.exitCode, 0, said(ended));
    assert.match(said(ended), /\[advisory\].*fluxiondb-one-replica: .*spec\.replicas is 2/);
  });

  const exception = { rule: "fluxiondb-one-replica", resource: "fluxiondb-alice-*", reason: "a drill of two pods" };
  const both = (resource: string, until: string) => ({
    exceptions: OF_TWO.map((rule) => ({ ...exception, rule, resource, until })),
  });

  it("lets an exception through until its day, for its resource and its rule alone", async () => {
    write(TWO_REPLICAS, both(exception.resource, day(1)));
    const ended = await preview();
    assert.equal(ended.exitCode, 0, said(ended));
    assert.doesNotMatch(said(ended), /spec\.replicas is 2/);

    write(TWO_REPLICAS, both("fluxiondb-bob-*", day(1)));
    assert.equal((await preview()).exitCode, 1);
  });

  it("puts a safe default back that a transform took out, where it may, and says it", async () => {
    const without = "Reflect.deleteProperty(set.spec.template.spec.containers[0]!.securityContext, 'allowPrivilegeEscalation')";
    write(`{ database: (set) => void ${without} }`, { rules: { "no-privilege-escalation": "remediate" } });
    const ended = await project.stackyard("preview", "dev", ...on, "--", "--expect-no-changes");
    assert.equal(ended.exitCode, 0, said(ended));
    assert.match(said(ended), /\[remediate\] objects-remedies/);
    assert.ok(!said(ended).includes(KEY));
  });

  const wrong: [what: string, policy: object, said: RegExp][] = [
    ["a rule that there is not", { rules: { "fluxiondb-one-replicas": "advisory" } }, /fluxiondb-one-replica\b/],
    ["an exception whose day has passed", { exceptions: [{ ...exception, until: day(-1) }] }, /has passed/],
  ];
  for (const [what, policy, expected] of wrong) {
    it(`is not asked with ${what}: the stack is refused before anything is planned`, async () => {
      write(TWO_REPLICAS, policy);
      const ended = await preview();
      assert.notEqual(ended.exitCode, 0, said(ended));
      assert.match(said(ended), expected);
      assert.doesNotMatch(said(ended), /StatefulSet/);
    });
  }
});
