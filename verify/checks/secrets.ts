import type { KubernetesObject, V1Container, V1Job, V1PodSpec, V1Secret, V1Deployment, V1StatefulSet } from "@kubernetes/client-node";
import { describe, failed, passed, read, type Check, type Ref, type World } from "../check";
import { conditionOf, type Condition } from "../conditions";

/** A Secret that a pod cannot start without, and the keys that it names of it. */
interface Use {
  readonly name: string;
  readonly key?: string;
}

interface Optional {
  readonly name?: string;
  readonly optional?: boolean;
}
const usesOf = (source: Optional | undefined, ...keys: string[]): Use[] => {
  const { name, optional } = source ?? {};
  if (name === undefined || optional) return [];
  return keys.length > 0 ? keys.map((key) => ({ name, key })) : [{ name }];
};

const usedBy = ({ env = [], envFrom = [] }: V1Container): Use[] => [
  ...envFrom.flatMap(({ secretRef }) => usesOf(secretRef)),
  ...env.flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? usesOf(valueFrom.secretKeyRef, valueFrom.secretKeyRef.key) : [])),
];

const secretsIn = ({ containers, initContainers = [], volumes = [] }: V1PodSpec): Use[] => [
  ...[...initContainers, ...containers].flatMap(usedBy),
  ...volumes.flatMap(({ secret, projected }) => [
    ...usesOf({ name: secret?.secretName, optional: secret?.optional }, ...(secret?.items ?? []).map(({ key }) => key)),
    ...(projected?.sources ?? []).flatMap(({ secret }) => usesOf(secret, ...(secret?.items ?? []).map(({ key }) => key))),
  ]),
];

/** What a Secret lacks of what is used of it. The values are looked at for whether they are empty, and nothing else. */
async function lacking({ name, key }: Use, namespace: string | undefined, world: World): Promise<string[]> {
  const secret = await world.get<V1Secret>({ apiVersion: "v1", kind: "Secret", namespace, name });
  if (secret === undefined) return [`Secret ${name}`];
  const empty = key === undefined ? Object.keys(secret.data ?? {}).length === 0 : !secret.data?.[key];
  if (!empty) return [];
  return [key === undefined ? `anything in Secret ${name}` : `key ${key} of Secret ${name}`];
}

export const secretsPresent: Check<V1Deployment | V1StatefulSet | V1Job> = {
  id: "secrets-present",
  title: "workloads have the Secrets that they name, with every key",
  source: ["starter-2", "dotdo-3", "fluxiondb-1"],
  kinds: ["Deployment", "StatefulSet", "DaemonSet", "Job"],
  async check({ live }, world) {
    const uses = live.spec?.template.spec ? secretsIn(live.spec.template.spec) : [];
    if (uses.length === 0) return undefined;
    const lacks = await Promise.all(uses.map((use) => lacking(use, live.metadata?.namespace, world)));
    const missing = [...new Set(lacks.flat())];
    if (missing.length > 0) return failed(`lacks ${missing.join(", ")}`);
    return passed([...new Set(uses.map(({ name }) => name))].join(", "));
  },
  next: ({ namespace }) => `kubectl get secrets,externalsecrets -n ${namespace}`,
};

/** An object of an operator that says by conditions how it is. */
interface Conditioned extends KubernetesObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export const secretSynced: Check<Conditioned> = {
  id: "secret-synced",
  title: "external secrets are synced",
  source: ["starter-2"],
  kinds: ["ExternalSecret"],
  check: ({ live }) => conditionOf(live.status?.conditions, "Ready"),
  next: describe,
};

interface ExternalSecret extends Conditioned {
  readonly spec?: { readonly secretStoreRef?: { readonly name?: string; readonly kind?: string } };
}

/** The store that an external secret is synced from, be it of another stack. */
const storeOf = ({ apiVersion = "", metadata, spec }: ExternalSecret): Ref => {
  const { name = "", kind = "SecretStore" } = spec?.secretStoreRef ?? {};
  return { apiVersion, kind, name, ...(kind === "SecretStore" && { namespace: metadata?.namespace }) };
};

export const storeHealthy: Check<ExternalSecret> = {
  id: "store-healthy",
  title: "stores of secrets are configured and healthy",
  source: ["starter-1"],
  kinds: ["ExternalSecret", "SecretStore", "ClusterSecretStore"],
  async check({ deployed, live }, world) {
    const ref = live.kind === "ExternalSecret" || deployed.kind === "ExternalSecret" ? storeOf(live) : deployed;
    const store = await world.get<Conditioned>(ref);
    const what = `${ref.kind} ${ref.name}`;
    if (store === undefined) return failed(`${what} is not there`, `kubectl get ${ref.kind.toLowerCase()}s --all-namespaces`);
    const { status, found } = conditionOf(store.status?.conditions, "Ready");
    return status === "passed" ? passed(what) : failed(`${what}: ${found}`, describe(ref));
  },
  next: read,
};
