import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "./metadata";

type Unnamed = Pick<Metadata, "namespace" | "labels">;
type Data = Record<string, pulumi.Input<string>>;

/** No name: a value that changes makes a new object first, and rolls the workload from the old one to it. */
export const secretOf = ({ namespace, labels }: Unnamed, stringData: Data) =>
  ({ metadata: { namespace, labels }, stringData }) satisfies k8s.core.v1.SecretArgs;

/** No name, as with secretOf. */
export const configMapOf = ({ namespace, labels }: Unnamed, data: Data) =>
  ({ metadata: { namespace, labels }, data }) satisfies k8s.core.v1.ConfigMapArgs;
