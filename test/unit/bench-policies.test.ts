import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { CATEGORIES, titlesOf, TOOLS } from "../../bench/policies/categories";
import { assertKnown, assertSorted, compare, countsOf, missedIn } from "../../bench/policies/compare";
import { manyOf } from "../../bench/policies/cost";
import { objectsIn, type Manifest } from "../../bench/policies/manifests";
import { changed, MUTATIONS } from "../../bench/policies/mutations";
import { ownManifests } from "../../bench/policies/own";
import { resourcesIn, resourcesOf } from "../../bench/policies/resources";
import { aimsOf, type PolicyResults } from "../../bench/policies/results";
import { COMMAND, everyManifest, summary } from "../../bench/policies/tables";
import type { KubernetesObject } from "../../bench/objects";
import { withBlock } from "../../bench/tables";
import { RULES } from "../../policy/rules";

const state = JSON.parse(readFileSync("test/fixtures/states/0.1.0.json", "utf8")) as [];
const stack = resourcesIn({ deployment: { resources: state } });

const own = ownManifests(stack);

const RESULTS = "bench/results/policies.json";

describe("the committed comparison of policies", function () {
  this.timeout("10s"); // Prettier writes the tables
  let committed: PolicyResults;
  before(() => {
    committed = JSON.parse(readFileSync(RESULTS, "utf8")) as PolicyResults;
  });

  it("is what docs/benchmarks.md and bench/results/policies.md say", async () => {
    const page = readFileSync("docs/benchmarks.md", "utf8");
    assert.equal(await withBlock(page, summary(committed), COMMAND), page);
    assert.equal(everyManifest(committed), readFileSync("bench/results/policies.md", "utf8"));
  });

  it("has manifests of each peer and of ours, and nothing that two peers find and ours misses without a reason", () => {
    assert.deepEqual(new Set(committed.manifests.map(({ source }) => source)), new Set(["kube-score", "conftest", "kyverno", "stackyard"]));
    assert.deepEqual(
      committed.missed.filter(({ reason }) => reason === undefined),
      [],
    );
  });
});

describe("categories of findings", () => {
  it("name rules that the pack has, each check of a tool once for each thing that it says", () => {
    assert.doesNotThrow(() => assertKnown(RULES.map(({ id }) => id)));
    assert.throws(() => assertKnown([]), /the policy pack has no rule no-privileged, /);
  });

  it("take a check by its id, or by one of the things that it says", () => {
    const says = (what: string) => titlesOf("kube-score", [`container-resources: ${what} is not set`]);
    assert.deepEqual(says("CPU limit"), ["CPU limit"]);
    assert.deepEqual(says("Memory limit"), ["memory limit"]);
    assert.deepEqual(titlesOf("kyverno", ["restrict-seccomp-strict"]), ["seccomp"]);
    assert.deepEqual(titlesOf("stackyard", ["fluxiondb-one-replica"]), ["what only ours finds"]);
  });

  it("refuse a finding that has no place", () => {
    const nothing = new Map<string, string[]>();
    const found = { "kube-score": new Map([["a", ["new-check: says so"]]]), kyverno: nothing, conftest: nothing };
    assert.throws(() => assertSorted(found), /no place for:\n {2}kube-score: new-check: says so/);
  });

  it("have each a way in which some tool finds it", () => {
    const silent = CATEGORIES.filter((category) => TOOLS.every((tool) => category[tool].length === 0) && category.stackyard.length === 0);
    assert.deepEqual(silent, []);
  });
});

describe("what two peers find and ours does not", () => {
  const manifest = (objects: object[] = [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }]): Manifest => ({
    name: "a",
    source: "kyverno",
    objects: objects as KubernetesObject[],
    resources: [],
  });
  const found = (stackyard: string[], kubeScore: string[], kyverno: string[], conftest: string[]) => ({
    stackyard: new Map([["a", stackyard]]),
    "kube-score": new Map([["a", kubeScore]]),
    kyverno: new Map([["a", kyverno]]),
    conftest: new Map([["a", conftest]]),
  });
  const missed = (of: ReturnType<typeof found>, one = manifest()) => compare([one], of).flatMap((compared) => missedIn(compared, one));

  it("is a gap, and what one finds alone is none", () => {
    const gap = found(
      [],
      ["container-security-context-privileged: The container is privileged"],
      ["disallow-privileged-containers"],
      ["host-pid"],
    );
    assert.deepEqual(missed(gap), [{ manifest: "a", category: "privileged container", by: ["kube-score", "kyverno"], reason: undefined }]);
    const [count] = countsOf(compare([manifest()], gap), missed(gap));
    assert.deepEqual(count, {
      category: "privileged container",
      stackyard: 0,
      "kube-score": 1,
      kyverno: 1,
      conftest: 0,
      missed: 1,
      gaps: 1,
    });
  });

  it("is none where ours finds it", () => {
    assert.deepEqual(missed(found(["no-privileged"], [], ["disallow-privileged-containers"], ["privileged-container"])), []);
  });

  it("has a reason only in manifests that it is true of", () => {
    const few = found([], ["deployment-replicas: Deployment few replicas"], ["require-multiple-replicas"], []);
    const deployment = (strategy?: object) =>
      manifest([{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { strategy } }]);
    assert.match(missed(few, deployment({ type: "Recreate" }))[0]?.reason ?? "", /Recreate/);
    assert.equal(missed(few, deployment())[0]?.reason, undefined);
  });
});

describe("manifests", () => {
  it("are read out of files of several documents and of lists, without the peers' own policies", () => {
    const text = [
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}",
      "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: b}",
      "",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}",
    ].join("\n---\n");
    assert.deepEqual(
      objectsIn(text).map(({ metadata }) => metadata.name),
      ["a", "c"],
    );
  });

  it("are shown to the pack by the types that Pulumi has for them", () => {
    const types = resourcesOf(
      objectsIn("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}"),
    );
    assert.deepEqual(
      types.slice(2).map(({ type }) => type),
      ["kubernetes:core/v1:Pod", "kubernetes:apps/v1:Deployment"],
    );
  });

  it("of ours are each system, good, and every mutation of it, which changes something", () => {
    assert.equal(own.length, 4 + MUTATIONS.length);
    const good = new Map(own.slice(0, 4).map(({ name, objects }) => [name, JSON.stringify(objects)]));
    const same = own.slice(4).filter(({ name, objects }) => good.get(name.split(": ")[0] ?? "") === JSON.stringify(objects));
    assert.deepEqual(
      same.map(({ name }) => name),
      [],
    );
  });

  it("with a secret have it marked for the pack, and in clear for the peers", () => {
    const marks = (values: readonly unknown[]) =>
      values.filter((value) => JSON.stringify(value).includes("1b47061264138c4ac30d75fd1eb44270")).length;
    assert.ok(marks((own[0]?.resources ?? []).map(({ properties }) => properties)) > 0);
    assert.equal(marks(own.flatMap(({ objects }) => objects)), 0);
  });

  it("are changed at a path, in lists too, and not in place", () => {
    const object = { spec: { containers: [{ name: "a", ports: [1, 2] }] } };
    assert.deepEqual(
      changed(object, { "spec.containers[0].name": "b", "spec.containers[0].ports[0]": undefined, 'metadata.labels["a.b/c"]': "d" }),
      {
        spec: { containers: [{ name: "b", ports: [2] }] },
        metadata: { labels: { "a.b/c": "d" } },
      },
    );
    assert.deepEqual(object.spec.containers[0]?.ports, [1, 2]);
  });

  it("for the cost are as many objects as are wanted, no two of one name", () => {
    const many = manyOf(stack, 300).filter(({ type }) => type.startsWith("kubernetes:"));
    const names = many.map(({ type, properties }) =>
      JSON.stringify([
        type,
        (properties.metadata as { name: string; namespace?: string }).namespace,
        (properties.metadata as { name: string }).name,
      ]),
    );
    assert.equal(many.length, 300);
    assert.equal(new Set(names).size, 300);
    assert.equal(new Set(many.map(({ urn }) => urn)).size, 300);
  });
});

describe("aims of the policies", () => {
  it("are met up to their limits, by the median, and missed above", () => {
    const round = (start: number, pack: number, judged: number) => ({
      start,
      preview: { pack, none: 4 },
      judged: { stackyard: judged, conftest: 10, kyverno: 20 },
    });
    const met = (...rounds: ReturnType<typeof round>[]) => aimsOf({ rounds, objects: 2000 }).map(({ met }) => met);
    assert.deepEqual(met(round(1.4, 5, 9)), [true, true, true, true]);
    assert.deepEqual(met(round(1.5, 5.1, 10)), [false, false, false, true]);
    assert.deepEqual(met(round(1.4, 5, 9), round(9, 9, 30), round(1.2, 4, 8)), [true, true, true, true]);
  });
});
