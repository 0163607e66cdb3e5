import type { types } from "@pulumi/kubernetes";
import { each, objectRule } from "../rule";

type ServiceSpec = types.output.core.v1.ServiceSpec;
type IngressSpec = types.output.networking.v1.IngressSpec;

/** Served on the machine itself: no certificate can be had for it, and none is needed. */
const isLocal = (host: string): boolean => /(^|\.)localhost$/.test(host);

export const serviceInternal = objectRule({
  id: "service-internal",
  family: "objects",
  severity: "high",
  reason: "A Service with a port on every node, or with an address of its own, goes past the edge: its TLS, its limits, its log.",
  remedy: "Leave the type at ClusterIP, take externalIPs out, and let an Ingress or a route lead to it.",
  source:
    "kube-score service-type; kube-linter exposed-services; Kyverno restrict-node-port, restrict-loadbalancer, restrict-service-external-ips; CVE-2020-8554",
  values: { allowed: ["ClusterIP", "ExternalName"] },
  check: (object, report, { allowed }) => {
    if (object.kind !== "Service") return;
    const { type = "ClusterIP", externalIPs = [] } = object.spec<ServiceSpec>();
    if (!allowed.includes(type)) report({ field: "spec.type", problem: `is ${type}, and has to be ${allowed.join(" or ")}` });
    if (externalIPs.length > 0) report({ field: "spec.externalIPs", problem: "is set, and has to be left out" });
  },
});

const isServed = (host: string, by: string | undefined): boolean =>
  by === host || (by !== undefined && by.startsWith("*.") && host.slice(host.indexOf(".")) === by.slice(1));

export const ingressTls = objectRule({
  id: "ingress-tls",
  family: "objects",
  severity: "high",
  reason: "Whoever is on the way reads and changes what is sent in clear, sessions and keys with it.",
  remedy: "Name the host in spec.tls, with the Secret of its certificate.",
  source: "Polaris tlsSettingsMissing; Kyverno require-ingress-https",
  check: (object, report) => {
    if (object.kind !== "Ingress") return;
    const { rules = [], tls = [] } = object.spec<IngressSpec>();
    const served = tls.flatMap(({ hosts = [] }) => hosts);
    // without rules it is the default backend that serves, every host
    each(rules.length === 0 ? [{ host: undefined }] : rules, ({ host }) => {
      if (host === undefined ? tls.length > 0 : isLocal(host) || served.some((by) => isServed(host, by))) return;
      report({ field: "spec.tls", problem: host === undefined ? "is missing" : `does not name ${host}` });
    });
  },
});

export const hostsNamed = objectRule({
  id: "hosts-named",
  family: "objects",
  severity: "low",
  level: "advisory",
  reason: "What answers for every host takes the requests of others, and gets names that whoever owns a domain points at it.",
  remedy: "Name each host that is served.",
  source: "Kyverno disallow-empty-ingress-host, restrict-ingress-wildcard; Polaris httpRouteWildcardOrEmptyHost",
  check: (object, report) => {
    if (object.kind === "Ingress") {
      object.spec<IngressSpec>().rules?.forEach(({ host = "" }, index) => {
        if (isAny(host)) report({ field: `spec.rules[${index}].host`, problem: unnamed(host) });
      });
    }
    if (object.kind !== "HTTPRoute") return;
    const { hostnames = [] } = object.spec<{ hostnames: string[] }>();
    for (const host of hostnames.length === 0 ? [""] : hostnames) {
      if (isAny(host)) report({ field: "spec.hostnames", problem: unnamed(host) });
    }
  },
});
const isAny = (host: string): boolean => host === "" || host.startsWith("*");
const unnamed = (host: string): string => `${host === "" ? "is missing" : `is "${host}"`}, and has to be one host`;

export const noIngressSnippet = objectRule({
  id: "no-ingress-snippet",
  family: "objects",
  severity: "critical",
  refusesUnknown: true,
  reason: "What a snippet has nginx do, it does as the controller, who reads every Secret of the cluster.",
  remedy: "Use the annotation that is made for it, or the controller's own ConfigMap.",
  source: "Kyverno disallow-ingress-nginx-custom-snippets; Kubernetes, CVE-2021-25742",
  check: (object, report) => {
    if (object.kind !== "Ingress") return;
    for (const key of Object.keys(object.metadata.annotations ?? {})) {
      if (/^nginx\.ingress\.kubernetes\.io\/.*snippet$/.test(key))
        report({ field: `metadata.annotations.${key}`, problem: "has to be left out" });
    }
  },
});
