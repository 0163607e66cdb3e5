import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { load } from "../../config";
import { givenInFiles } from "../../config/given";
import { deploy } from "../../stacks/environment";
import type { Fixture } from "../policy/case";

const UID = "0f8fad5b-d9cb-469f-a165-70867728950e";
/** The SDK has it, and leaves it out of its types. */
const { setStackResource } = require("@pulumi/pulumi/runtime/state") as { setStackResource: (stack: undefined) => void };

type Values = Record<string, unknown>;
/** What stacks export, by their names: what later stacks read of them. */
export type Exports = Map<string, Values>;

interface Place {
  readonly type: string;
  readonly parent?: pulumi.Resource;
  readonly protect: boolean;
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * What a stack of this repository plans, with the inputs that the engine would judge, on an empty cluster of Kubernetes 1.35.
 *
 * @param exported what the stacks that it reads have exported; gets what it exports
 */
export async function plannedStack(stack: string, exported: Exports): Promise<Fixture[]> {
  const cluster = await emptyCluster();
  try {
    return await plan(stack, exported, { context: "test", uid: UID, kubeconfig: cluster.kubeconfig });
  } finally {
    cluster.end();
  }
}

async function plan(stack: string, exported: Exports, cluster: Values): Promise<Fixture[]> {
  const planned: { readonly type: string; readonly name: string; readonly inputs: Values }[] = [];
  const places = new Map<pulumi.Resource, Place>();
  const named = new Map<string, pulumi.Resource>();

  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Values;
        if (type === "pulumi:pulumi:StackReference")
          return { id: name, state: { outputs: exported.get(name) ?? {}, secretOutputNames: [] } };
        planned.push({ type, name, inputs: given });
        const metadata = given["metadata"] as Values | undefined;
        return { id: `${name}-id`, state: { ...given, metadata: { name: `${name}-made`, ...metadata }, result: `${name}-made` } };
      },
      call: () => ({}), // whether a stack that is read is there
    },
    "stackyard",
    stack,
    false,
    "organization",
  );
  const { values } = givenInFiles(`Pulumi.${stack}.yaml`);
  const texts = Object.entries({ ...values, cluster }).map(([key, value]) => [
    `stackyard:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>);

  // Pulumi notes a stack for each promise; translated to TypeScript's lines, they are two thirds of the time
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      pulumi.runtime.registerStackTransformation(({ resource, type, name, opts }) => {
        const { parent, protect = false, dependsOn = [] } = opts;
        places.set(resource, { type, parent, protect, dependsOn: [dependsOn].flat() as pulumi.Resource[] });
        named.set(`${type} ${name}`, resource);
        return undefined;
      });
      const outputs = await deploy(load());
      exported.set(`organization/stackyard/${stack}`, await new Promise<Values>((resolve) => pulumi.output(outputs).apply(resolve)));
    });
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    setStackResource(undefined); // whatever else is planned in this process has no stack
  }

  const typesAbove = (resource?: pulumi.Resource): string[] => {
    const place = resource && places.get(resource);
    return place === undefined ? [] : [...typesAbove(place.parent), place.type];
  };
  const names = new Map([...named].map(([typeAndName, resource]) => [resource, typeAndName.split(" ")[1]!]));
  return planned.map(({ type, name, inputs }) => {
    const place = places.get(named.get(`${type} ${name}`)!);
    const dependsOn = place?.dependsOn.flatMap((other) => names.get(other) ?? []);
    const protect = place?.protect ?? false;
    return { type, name, parents: typesAbove(place?.parent), props: revealed(inputs) as Values, protect, dependsOn };
  });
}

/** As a policy sees it: secrets in clear. */
function revealed(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return revealed(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revealed(part)]));
}

/** An API server that has nothing. */
async function emptyCluster() {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const answers: Values = {
    "/version": { gitVersion: "v1.35.2" },
    "/api/v1/namespaces/kube-system": { metadata: { uid: UID } },
  };
  const api = createServer(({ url = "" }, response) => response.end(JSON.stringify(answers[url] ?? { items: [] })));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const kubeconfig = join(folder, "kubeconfig");
  const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    stringify({
      clusters: [{ name: "test", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "me", user: {} }],
      contexts: [{ name: "test", context: { cluster: "test", user: "me" } }],
    }),
  );
  return {
    kubeconfig,
    end: () => {
      api.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a stack's file says of rules. */
export const sectionOf = (stack: string): unknown => givenInFiles(`Pulumi.${stack}.yaml`).values["policy"] ?? {};

/** Stacks of this repository, those first that others read. */
export function stacksInOrder(stacks: readonly string[]): string[] {
  const reads = (stack: string) => stacks.filter((other) => other !== stack && namesIn(stack).includes(other));
  const ordered: string[] = [];
  const add = (stack: string): void => {
    if (ordered.includes(stack)) return;
    reads(stack).forEach(add);
    ordered.push(stack);
  };
  stacks.forEach(add);
  return ordered;
}

const namesIn = (stack: string): string[] =>
  [...readFileSync(`Pulumi.${stack}.yaml`, "utf8").matchAll(/(?:platformStack|sharedFrom): *([\w-]+)/g)].map(([, name = ""]) => name);
