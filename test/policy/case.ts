import { runtime } from "@pulumi/pulumi";
import { judge, messageOf, type Verdict } from "../../policy/judge";
import { KubernetesObject, unknownCheckingProxy } from "../../policy/object";
import type { PolicySection } from "../../policy/options";
import type { Rule } from "../../policy/rule";
import { PolicySettings } from "../../policy/settings";
import { StackIndex, type Dependencies } from "../../policy/stack-index";

/** A resource as a program asks for it. */
export interface Fixture {
  /** Pulumi's: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** Types of the components that it is in, outermost first. */
  readonly parents?: readonly string[];
  readonly props: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
  /** Names of the resources that it is made after. */
  readonly dependsOn?: readonly string[];
}

/** One way of breaking a rule. */
export interface Mutation {
  /** What is done, in words: the test's name. */
  readonly by: string;
  /** Changes a copy of a valid stack of fixtures in place: `put`, `drop`. */
  readonly change: (fixtures: Fixture[]) => void;
  /** Valid stack that is changed. @default the first */
  readonly of?: number;
  /** All that the rule then says. */
  readonly finds: readonly Found[];
}
export interface Found {
  /** Pulumi's name of the resource. @default the first of the stack */
  readonly resource?: string;
  readonly tenant?: string;
  readonly container?: string;
  readonly field: string;
  /** What is there, and what has to be, whole. */
  readonly problem: string;
  /** Not judged, because a value is not known yet. */
  readonly unjudged?: true;
}

/** How a rule is shown to work: stacks that hold it, and every way of breaking one. */
export interface Case {
  readonly valid: readonly [readonly Fixture[], ...(readonly Fixture[])[]];
  readonly mutations: readonly [Mutation, ...Mutation[]];
  /** What the stack's config says of rules. */
  readonly section?: PolicySection;
}

/** What a value reads as in a preview that does not know it yet. */
export const unknown: unknown = runtime.unknownValue;

type Node = Record<string, unknown>;

/** Puts a value into the props of one fixture: `put("spec.template.spec.containers[0].image", "a")`. Keys with dots stand in brackets: `annotations["a.b/c"]`. */
export const put =
  (path: string, value: unknown, index = 0) =>
  (fixtures: Fixture[]): void =>
    at(fixtures[index]!, path, (node, key) => void (node[key] = value));

/** Takes a field out of the props of one fixture. */
export const drop =
  (path: string, index = 0) =>
  (fixtures: Fixture[]): void =>
    at(fixtures[index]!, path, (node, key) => void delete node[key]);

function at({ props }: Fixture, path: string, change: (node: Node, key: string) => void): void {
  const keys = [...path.matchAll(/\["([^"]+)"\]|([^.[\]]+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const last = keys.pop()!;
  let node = props as Node;
  for (const key of keys) node = (node[key] ??= {}) as Node;
  change(node, last);
}

/** A fixture with one field of it changed. */
export function withField(fixture: Fixture, path: string, value: unknown): Fixture {
  const copy = structuredClone(fixture);
  put(path, value)([copy]);
  return copy;
}

/** As the engine makes it. */
export const urnOf = ({ type, name, parents = [] }: Fixture): string =>
  `urn:pulumi:test::stackyard::${[...parents, type].join("$")}::${name}`;

const objectOf = (fixture: Fixture): KubernetesObject | undefined =>
  KubernetesObject.of({
    type: fixture.type,
    name: fixture.name,
    urn: urnOf(fixture),
    props: unknownCheckingProxy(structuredClone(fixture.props)),
    opts: {
      protect: fixture.protect ?? false,
      ignoreChanges: [],
      aliases: [],
      additionalSecretOutputs: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    },
  });

const dependenciesOf = (fixtures: readonly Fixture[]): Dependencies =>
  new Map(
    fixtures.map((fixture) => [
      urnOf(fixture),
      fixtures.filter(({ name }) => fixture.dependsOn?.includes(name)).map((other) => urnOf(other)),
    ]),
  );

/** What a rule says of a stack. */
export function judged(rule: Rule, fixtures: readonly Fixture[], section: PolicySection = {}): Verdict[] {
  const objects = fixtures.flatMap((fixture) => objectOf(fixture) ?? []);
  const [settings, stack] = [new PolicySettings(section), new StackIndex(objects, dependenciesOf(fixtures))];
  return objects.flatMap((object) => judge(rule, object, settings, stack));
}

/** As a case writes what is found. */
export const foundOf = (verdicts: readonly Verdict[]): Found[] =>
  verdicts.map(({ object, tenant, container, field, problem, unjudged }) => ({
    resource: object.name,
    ...(tenant === undefined ? {} : { tenant }),
    ...(container === undefined ? {} : { container }),
    field,
    problem,
    ...(unjudged ? { unjudged } : {}),
  }));

export const mutated = ({ valid }: Case, { change, of = 0 }: Mutation): Fixture[] => {
  const copy = JSON.parse(JSON.stringify(valid[of])) as Fixture[]; // parts that fixtures share are each one's own in it
  change(copy);
  return copy;
};

export { messageOf };
