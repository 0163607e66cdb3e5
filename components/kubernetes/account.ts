import type * as k8s from "@pulumi/kubernetes";
import type { z } from "zod";
import type { Metadata } from "./metadata";
import type { ServiceAccount } from "./workload-options";

type Options = z.output<ReturnType<typeof ServiceAccount>>;

/** Name of the ServiceAccount that pods use, made or not. */
export const accountNameOf = (options: Options, name: string): string => options.name ?? (options.create ? name : "default");

export const accountOf = (metadata: Metadata, options: Options) =>
  ({
    metadata: { ...metadata, name: accountNameOf(options, metadata.name), annotations: options.annotations },
    automountServiceAccountToken: options.automount,
  }) satisfies k8s.core.v1.ServiceAccountArgs;
