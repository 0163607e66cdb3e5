import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** IP address or name that an Ingress is reached under, as its controller writes it; empty where there is none (yet). */
export const addressOf = (ingress: k8s.networking.v1.Ingress | undefined): pulumi.Output<string> =>
  ingress
    ? ingress.status.apply((status: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined) => {
        const [first] = status?.loadBalancer?.ingress ?? [];
        return first?.ip ?? first?.hostname ?? "";
      })
    : pulumi.output("");
