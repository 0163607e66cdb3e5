import type { V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { until } from "./stackyard";

type Env = Readonly<Record<string, string>>;

interface Of {
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the first container. */
  readonly image?: string;
}

/**
 * A fault that the sandbox plays with all pods that begin from now on and are like this; what is deployed knows nothing of it.
 *
 * @param name of the objects that bring it about
 * @param fault as `sandbox/cluster/stages.yaml` knows it
 */
export function faultyPods(name: string, fault: "fail" | "crash" | "hang", { labels = {}, image }: Of) {
  const metadata = { name };
  const apiVersion = "admissionregistration.k8s.io/v1";
  const annotated = `Object{metadata: Object.metadata{annotations: {"stackyard.dev/sandbox-fault": "${fault}"}}}`;
  const policy = {
    matchConstraints: {
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      objectSelector: { matchLabels: labels },
    },
    ...(image && { matchConditions: [{ name: "image", expression: `object.spec.containers[0].image == "${image}"` }] }),
    failurePolicy: "Fail",
    reinvocationPolicy: "Never",
    mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: annotated } }],
  };
  const objects = {
    apiVersion: "v1",
    kind: "List",
    items: [
      { apiVersion, kind: "MutatingAdmissionPolicy", metadata, spec: policy },
      { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata, spec: { policyName: name } },
    ],
  };
  const example = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "example", labels },
    spec: { containers: [{ name: "example", image: image ?? "example" }] },
  };
  const kubectl = (env: Env, input: object, ...args: string[]) =>
    execa("kubectl", [...args, "--filename=-"], { env, input: JSON.stringify(input) });
  /** The API server takes policies up a moment after it has them. */
  const taken = (env: Env, found?: string) =>
    until(`${name}: ${found ?? "no fault"}`, async () => {
      const { stdout } = await kubectl(env, example, "create", "--dry-run=server", "--output=json");
      return (JSON.parse(stdout) as V1Pod).metadata?.annotations?.["stackyard.dev/sandbox-fault"] === found;
    });
  return {
    begin: async (env: Env) => {
      await kubectl(env, objects, "apply");
      await taken(env, fault);
    },
    end: async (env: Env) => {
      await kubectl(env, objects, "delete", "--wait");
      await taken(env);
    },
  };
}
