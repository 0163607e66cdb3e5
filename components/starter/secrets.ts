import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { externalSecretOf } from "../kubernetes/external-secret";
import { remoteOf } from "../kubernetes/external-secret-options";
import { secretOf } from "../kubernetes/secrets";
import { refusalOf } from "./contract-options";
import { metadataOf, Plan } from "./plan";
import { Component, isGated, ownSourceOf, Source } from "./source-options";

/** A Secret as pods use it. */
export interface SecretUse {
  readonly name: pulumi.Input<string>;
  /** Its keys; all that it has, where only the cluster knows. */
  readonly keys?: readonly string[];
  /** Changes with the content, where the name does not. */
  readonly checksum?: pulumi.Input<string>;
}

export const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

type External = Extract<Source, { kind: "external" }>;
type Static = Extract<Source, { kind: "static" }>;

/** Stands for all that decides what the operator fetches. */
const contentOf = ({ options: { externalSecrets } }: Plan, { data }: External) => {
  const { secretStoreRef, revision } = externalSecrets;
  const sorted = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest([secretStoreRef, revision, sorted]).slice(0, 16);
};

/** Changes of an ExternalSecret without a name of its own that make another one, which is there before the pods roll to it. */
export const REMADE_ON = ["spec.data", "spec.secretStoreRef", "metadata.annotations"];

/**
 * The ExternalSecret of a component. Without a name given it has none, and neither has its Secret, which the operator names after it:
 * another mapping is another Secret, and the old one goes after the pods that read it.
 */
export const starterExternalSecretOf = (plan: Plan, component: Component, source: External) => {
  const { secretStoreRef, refreshInterval, revision } = plan.options.externalSecrets;
  const { name, namespace, labels } = metadataOf(plan, component);
  // the operator reads the store again when an annotation changes
  const annotations: Record<string, string> = revision === "" ? {} : { "stackyard.dev/revision": revision };
  return externalSecretOf(
    { namespace, labels, annotations, ...(source.name !== undefined && { name }) },
    {
      target: source.name,
      store: { name: secretStoreRef.name ?? "", kind: secretStoreRef.kind },
      refreshInterval,
      data: Object.fromEntries(Object.entries(source.data).map(([key, ref]) => [key, remoteOf(ref)])),
    },
  );
};

/** Values that the program would refuse stop before the Secret is made. */
const accepted = (plan: Plan, component: Component): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(
    Object.entries(plan.secrets[component]).map(([name, value]) => [
      name,
      pulumi.secret(value).apply((value) => {
        const refusal = refusalOf(name, value, isGated(plan.options.api.env));
        if (refusal !== undefined) throw new pulumi.RunError(`Starter "${plan.name}": ${component}.secrets.${name} ${refusal}`);
        return value;
      }),
    ]),
  );

/** The Secret of a component, made from values. Without a name of its own, other values are another Secret. */
export const starterSecretOf = (plan: Plan, component: Component, { name }: Static) => {
  const { metadata, stringData } = secretOf(metadataOf(plan, component), accepted(plan, component));
  return { metadata: { ...metadata, ...(name !== undefined && { name }) }, stringData };
};

/**
 * How pods use the Secret of a component; nothing where it has none.
 *
 * @param made name that the Secret was given, where it has none of its own
 */
export function secretUseOf(plan: Plan, component: Component, made?: pulumi.Input<string>): SecretUse | undefined {
  const source = ownSourceOf(plan.options, component);
  if (source.kind === "none") return undefined;
  if (source.kind === "existing") return { name: source.name };
  const keys = source.kind === "external" ? Object.keys(source.data) : source.keys;
  if (source.name === undefined) return { name: made ?? "", keys };
  if (source.kind === "external") return { name: source.name, keys, checksum: contentOf(plan, source) };
  // of all values together: none can be found out from it alone
  const checksum = pulumi.unsecret(
    pulumi.all(plan.secrets[component]).apply((values) => digest(Object.entries(values).sort()).slice(0, 16)),
  );
  return { name: source.name, keys, checksum };
}
