import { strict as assert } from "node:assert";
import { each, objectRule, stackRule, type Rule } from "../../policy/rule";
import { KubernetesObject, unknownCheckingProxy } from "../../policy/object";
import { policiesOf } from "../../policy/pack";
import { eachContainer, podTemplateOf, workloadOf } from "../../policy/pods";
import type { PolicySection } from "../../policy/options";
import { PolicySettings } from "../../policy/settings";
import { selects, StackIndex } from "../../policy/stack-index";
import { analyzerOf, type Diagnostic } from "../support/analyzer";
import { unknown, withField, type Fixture } from "./case";
import { configMap, container, deployment } from "./cases/fixtures";

const sentences = { reason: "It is so.", remedy: "Mend it.", source: "this test" } as const;

const coloured = objectRule({
  id: "coloured",
  family: "objects",
  severity: "low",
  ...sentences,
  values: { colour: "red" },
  check: (object, report, { colour }) => {
    const { colour: given, parts } = object.props as { colour?: string; parts?: readonly string[] };
    each(parts, (part) => {
      if (part === "broken") throw new RangeError("this part is broken");
    });
    if (given !== colour) report({ field: "colour", problem: `is ${given}, and has to be ${colour}` });
  },
});
const named = objectRule({
  id: "named",
  family: "pods",
  severity: "low",
  ...sentences,
  refusesUnknown: true,
  check: (object, report) => {
    if ((object.props["title"] as string | undefined) === "") report({ field: "title", problem: "is empty" });
  },
});
const alone = stackRule({
  id: "alone",
  family: "wiring",
  severity: "low",
  level: "advisory",
  ...sentences,
  checkIn: (object, stack, report) => {
    if (stack.ofKind(object.kind).length > 1) report({ field: "kind", problem: `is one of ${stack.ofKind(object.kind).length}` });
  },
});
const RULES: readonly Rule[] = [coloured, named, alone];

const thing = (name: string, props: Record<string, unknown> = {}): Fixture => ({
  type: "kubernetes:example.com/v1:Thing",
  name,
  props: { metadata: { name, namespace: "example" }, colour: "red", ...props },
});

const packOf = (section: PolicySection | Record<string, unknown> = {}) => analyzerOf(policiesOf(RULES, new PolicySettings(section)));
/** The last line is what is said; above it stands how to learn more. */
const said = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ level, message }) => `${level}: ${message.split("\n").at(-1)}`);
const exception = (rule: string, resource: string) => ({ rule, resource, reason: "to see it let through", until: "2099-12-31" });

describe("the pack", () => {
  it("says of a resource what rule, field, value and remedy are, and of which resource", async () => {
    const [found, ...others] = await packOf().analyze(thing("a", { colour: "blue" }));
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...found, message: found?.message.split("\n") },
      {
        policy: "objects",
        level: "mandatory",
        resource: "a",
        message: [
          "npx stackyard policy explain <rule> says more:",
          "coloured: Thing example/a: colour is blue, and has to be red. Mend it.",
        ],
      },
    );
  });

  it("says nothing of what is no Kubernetes object, and of what holds every rule", async () => {
    assert.deepEqual(await packOf().analyze({ ...thing("a", { colour: "blue" }), type: "random:index/randomPassword:RandomPassword" }), []);
    assert.deepEqual(await packOf().analyze({ ...thing("a", { colour: "blue" }), type: "stackyard:dotdo:Dotdo" }), []);
    assert.deepEqual(await packOf().analyze(thing("a")), []);
  });

  it("has each rule at the level of the stack's config, alone or beside values, and else at its own", async () => {
    const blue = thing("a", { colour: "blue" });
    assert.match(said(await packOf({ rules: { coloured: "advisory" } }).analyze(blue)).join(), /^advisory: coloured: /);
    assert.match(said(await packOf({ rules: { coloured: { level: "advisory" } } }).analyze(blue)).join(), /^advisory: coloured: /);
    const valued = packOf({ rules: { coloured: { values: { colour: "green" } } } });
    assert.match(said(await valued.analyze(blue)).join(), /^mandatory: .* is blue, and has to be green\./);
    const stack = [thing("a"), thing("b")];
    assert.match(said(await packOf().analyzeStack(stack)).join(), /^advisory: alone: .*,advisory: alone: /);
    assert.match(said(await packOf({ rules: { alone: "mandatory" } }).analyzeStack(stack)).join(), /^mandatory: alone: /);
  });

  it("says that a value is not known yet as advice, and refuses it for a rule that must know", async () => {
    assert.match(
      said(await packOf().analyze(thing("a", { colour: unknown }))).join("\n"),
      /^advisory: can't run policy 'objects' .*: coloured: Thing example\/a: colour is not known before the update: not judged yet\.$/,
    );
    assert.deepEqual(said(await packOf().analyze(thing("a", { title: unknown }))), [
      "mandatory: named: Thing example/a: title is not known before the update, and has to be. Mend it.",
    ]);
  });

  it("judges all that stands behind what cannot be read, and names each", async () => {
    const found = said(await packOf().analyze(thing("a", { parts: [unknown, "broken", unknown], colour: "blue" })));
    assert.equal(found.length, 2);
    assert.deepEqual(found[0], "mandatory: coloured: Thing example/a: something in it cannot be read: this part is broken. Mend it.");
    assert.match(found[1]!, /^advisory: .*: parts\.0 is not known.* coloured: Thing example\/a: parts\.2 is not known/);
  });

  it("goes on with the next resource and the next rule", async () => {
    const stack = [thing("a", { metadata: unknown, kind: unknown }), thing("b"), configMap()];
    const found = await packOf({ rules: { alone: "mandatory" } }).analyzeStack(stack);
    assert.deepEqual(said(found), [
      'mandatory: alone: Thing "a": kind is one of 2. Mend it.',
      "mandatory: alone: Thing example/b: kind is one of 2. Mend it.",
    ]);
    const both = said(await packOf().analyze(thing("a", { colour: unknown, title: "" })));
    assert.match(both.join("\n"), /^mandatory: named: .*title is empty\. Mend it\.\nadvisory: .*coloured/);
  });

  it("judges a stack by the inputs that it has seen, and by outputs where it has seen none", async () => {
    const typed = stackRule({
      id: "typed",
      family: "wiring",
      severity: "low",
      ...sentences,
      checkIn: (object, _, report) => report({ field: "from", problem: `is ${String(object.props["from"])}` }),
    });
    const pack = analyzerOf(policiesOf([coloured, typed], new PolicySettings()));
    await pack.analyze(thing("a", { from: "inputs" }));
    const found = said(await pack.analyzeStack([thing("a", { from: "outputs" }), thing("b", { from: "outputs" })]));
    assert.deepEqual(
      found.map((line) => /\/(\w): from is (\w+)/.exec(line)?.slice(1)),
      [
        ["a", "inputs"],
        ["b", "outputs"],
      ],
    );
  });

  it("lets through what an exception names, whole or by its beginning, and nothing else", async () => {
    const pack = packOf({ exceptions: [exception("coloured", "blue"), exception("coloured", "light-*")] });
    const found = async (name: string) => said(await pack.analyze(thing(name, { colour: "blue", title: "" })));
    for (const name of ["blue", "light-blue", "light-"]) assert.match((await found(name)).join(), /^mandatory: named: [^,]*$/, name);
    for (const name of ["blues", "dark-light-blue", "light"]) assert.equal((await found(name)).length, 2, name);
  });

  it("says which exceptions have let nothing through, and is silent of those that have", async () => {
    const pack = packOf({ exceptions: [exception("coloured", "a"), exception("coloured", "b"), exception("named", "a")] });
    for (const fixture of [thing("a", { colour: "blue" }), thing("b")]) await pack.analyze(fixture);
    assert.deepEqual(said(await pack.analyzeStack([])), [
      'advisory: unused-exception: the exception from coloured for "b" lets nothing through: coloured finds nothing there. Take it out of stackyard:policy.exceptions.',
      'advisory: unused-exception: the exception from named for "a" lets nothing through: named finds nothing there. Take it out of stackyard:policy.exceptions.',
    ]);
    assert.deepEqual(await packOf().analyzeStack([]), []);
  });

  it("has each resource read once a level, whatever the number of rules", () => {
    const names = (section = {}) =>
      policiesOf([...RULES, { ...coloured, id: "other" }], new PolicySettings(section)).map(({ name }) => name);
    assert.deepEqual(names(), ["objects", "stack-advice"]);
    assert.deepEqual(names({ rules: { coloured: "advisory", alone: "mandatory" } }), ["objects", "stack", "objects-advice"]);
    assert.deepEqual(names({ exceptions: [exception("coloured", "a")] }).at(-1), "exceptions");
  });
});

const objectOf = ({ type, name, props }: Fixture, provider?: object, urn = `urn:pulumi:test::stackyard::${type}::${name}`) =>
  KubernetesObject.of({ type, name, urn, props: unknownCheckingProxy(props), provider, opts: {} } as never)!;
const kinded = (type: string, props: Record<string, unknown> = {}, provider?: object) =>
  objectOf({ type: `kubernetes:${type}`, name: "it", props }, provider);

describe("an object", () => {
  it("is a Kubernetes object only", () => {
    for (const type of ["pulumi:providers:kubernetes", "kubernetes:yaml/v2", "stackyard:dotdo:Dotdo", "x-kubernetes:apps/v1:Deployment"]) {
      assert.equal(objectOf({ type, name: "it", props: {} }), undefined, type);
    }
    assert.deepEqual([kinded("core/v1:Service").apiVersion, kinded("core/v1:Service").kind], ["v1", "Service"]);
    assert.equal(kinded("apps/v1:Deployment").apiVersion, "apps/v1");
  });

  it("lands in its namespace, that of its provider, or default; cluster-wide kinds in none", () => {
    assert.equal(kinded("core/v1:Service", { metadata: { namespace: "a" } }, { props: { namespace: "b" } }).namespace, "a");
    assert.equal(kinded("core/v1:Service", {}, { props: { namespace: "b" } }).namespace, "b");
    assert.equal(kinded("core/v1:Service", {}, { props: {} }).namespace, "default");
    assert.equal(kinded("core/v1:Service").namespace, "default");
    assert.equal(kinded("helm.sh/v3:Release", { namespace: "c", metadata: { namespace: "a" } }).namespace, "c");
    for (const type of ["core/v1:Namespace", "rbac.authorization.k8s.io/v1:ClusterRole", "storage.k8s.io/v1:StorageClass"])
      assert.equal(kinded(type, {}, { props: { namespace: "b" } }).namespace, undefined, type);
    for (const type of ["apps/v1:NamespaceOf", "a/v1:MyNamespace"]) assert.equal(kinded(type).namespace, "default", type);
  });

  it("is part of the components in its URN, outermost first", () => {
    const urn = "urn:pulumi:test::stackyard::a:b:Outer$c:d:Inner$kubernetes:core/v1:Service::it";
    const object = objectOf({ type: "kubernetes:core/v1:Service", name: "it", props: {} }, undefined, urn);
    assert.deepEqual(object.components, ["a:b:Outer", "c:d:Inner"]);
    assert.ok(object.isPartOf("x", "c:d:Inner"));
    assert.ok(!object.isPartOf("kubernetes:core/v1:Service"));
    assert.deepEqual(kinded("core/v1:Service").components, []);
  });

  it("has a title by its own name, else by Pulumi's", () => {
    assert.equal(kinded("core/v1:Service", { metadata: { name: "s", namespace: "n" } }).title, "Service n/s");
    assert.equal(kinded("core/v1:Namespace", { metadata: { name: "n" } }).title, "Namespace n");
    assert.equal(kinded("helm.sh/v3:Release", { name: "r", namespace: "n" }).title, "Release n/r");
    assert.equal(kinded("core/v1:Service").title, "Service default/it");
    assert.equal(kinded("core/v1:Service", { metadata: unknown }).title, 'Service "it"');
  });
});

describe("the pods of", () => {
  const spec = {
    containers: [container("main")],
    initContainers: [container("first"), { image: "a" }],
    ephemeralContainers: [container("debug")],
  };
  const template = { metadata: { labels: { a: "b" } }, spec };
  for (const [type, props, path] of [
    ["core/v1:Pod", { metadata: template.metadata, spec }, "spec."],
    ["core/v1:PodTemplate", { template }, "template.spec."],
    ["core/v1:ReplicationController", { spec: { template } }, "spec.template.spec."],
    ["apps/v1:Deployment", { spec: { template } }, "spec.template.spec."],
    ["apps/v1:StatefulSet", { spec: { template } }, "spec.template.spec."],
    ["apps/v1:DaemonSet", { spec: { template } }, "spec.template.spec."],
    ["apps/v1:ReplicaSet", { spec: { template } }, "spec.template.spec."],
    ["batch/v1:Job", { spec: { template } }, "spec.template.spec."],
    ["batch/v1:CronJob", { spec: { jobTemplate: { spec: { template } } } }, "spec.jobTemplate.spec.template.spec."],
  ] as const) {
    it(`${type} are found: each container with its role and place`, () => {
      const object = kinded(type, props);
      assert.deepEqual(podTemplateOf(object)?.metadata?.labels, { a: "b" });
      const seen: string[] = [];
      eachContainer(object, ({ name, role, path }) => void seen.push(`${role} ${name} ${path}`));
      assert.deepEqual(seen, [
        `init first ${path}initContainers[0].`,
        `init 1 ${path}initContainers[1].`,
        `main main ${path}containers[0].`,
        `ephemeral debug ${path}ephemeralContainers[0].`,
      ]);
    });
  }

  it("other objects, and charts, are none", () => {
    for (const object of [
      kinded("core/v1:Service", { spec }),
      kinded("helm.sh/v3:Release", { spec }),
      kinded("helm.sh/v3:Job", { spec }),
    ]) {
      assert.equal(podTemplateOf(object), undefined);
      assert.equal(workloadOf(object), undefined);
      eachContainer(object, () => assert.fail("a container"));
    }
    assert.deepEqual(podTemplateOf(kinded("apps/v1:Deployment")), { metadata: undefined, spec: undefined, path: "spec.template." });
  });

  it("a list that is not known yet hides none of the others", () => {
    const object = objectOf(withField(deployment(), "spec.template.spec.initContainers", unknown));
    const seen: string[] = [];
    assert.throws(() => eachContainer(object, ({ name }) => void seen.push(name)));
    assert.deepEqual(seen, ["api"]);
  });
});

describe("the index of a stack", () => {
  const service = (name: unknown, namespace = "a") => kinded("core/v1:Service", { metadata: { name, namespace } });
  const [one, other, nameless] = [service("s"), service("s", "b"), service(unknown)];
  const namespace = kinded("core/v1:Namespace", { metadata: { name: "a" } });
  const index = new StackIndex([one, other, nameless, namespace]);

  it("finds objects by kind, namespace and name", () => {
    assert.deepEqual(index.ofKind("Service"), [one, other, nameless]);
    assert.deepEqual(index.ofKind("Namespace", "Service"), [namespace, one, other, nameless]);
    assert.deepEqual([index.ofKind(), index.ofKind("Pod")], [[], []]);
    assert.equal(index.find("Service", "b", "s"), other);
    assert.equal(index.find("Namespace", undefined, "a"), namespace);
    assert.equal(index.find("Service", "c", "s"), undefined);
    assert.equal(index.find("Service", "a", ""), undefined);
  });

  it("takes labels by a selector as Kubernetes does", () => {
    const labels = { app: "a", tier: "web" };
    const by = (operator: string, key: string, ...values: string[]) => selects({ matchExpressions: [{ key, operator, values }] }, labels);
    assert.ok(selects({}, labels) && selects({ matchLabels: labels }, labels));
    assert.ok(!selects({ matchLabels: { app: "a", tier: "db" } }, labels) && !selects({ matchLabels: { zone: "a" } }, labels));
    assert.deepEqual([by("In", "app", "a", "b"), by("In", "app", "b"), by("In", "zone", "a")], [true, false, false]);
    assert.deepEqual([by("NotIn", "app", "a", "b"), by("NotIn", "app", "b"), by("NotIn", "zone", "a")], [false, true, true]);
    assert.deepEqual(
      [by("Exists", "app"), by("Exists", "zone"), by("DoesNotExist", "app"), by("DoesNotExist", "zone")],
      [true, false, false, true],
    );
    assert.ok(!selects({ matchLabels: { app: "b" }, matchExpressions: [{ key: "app", operator: "Exists" }] }, labels));
    assert.ok(!selects({ matchLabels: { app: "a" }, matchExpressions: [{ key: "zone", operator: "Exists" }] }, labels));
  });
});

describe("each", () => {
  it("checks every item, and throws what was thrown: one as it is, several together", () => {
    const seen: number[] = [];
    const check = (bad: readonly number[]) => () =>
      each([1, 2, 3], (item) => {
        seen.push(item);
        if (bad.includes(item)) throw new RangeError(String(item));
      });
    check([])();
    assert.throws(check([1]), { name: "RangeError", message: "1" });
    assert.throws(check([1, 3]), (error: AggregateError) => error.errors.map((one: Error) => one.message).join() === "1,3");
    assert.deepEqual(seen, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    each(undefined, () => assert.fail("an item"));
  });
});
