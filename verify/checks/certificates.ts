import type { KubernetesObject, V1Ingress, V1Secret } from "@kubernetes/client-node";
import { X509Certificate } from "node:crypto";
import { describe, failed, passed, worst, type Check, type Finding, type World } from "../check";
import { conditionOf, type Condition } from "../conditions";

const DAY = 24 * 60 * 60 * 1000;

/**
 * What must be left of a certificate's life: two weeks, or a sixth of a short one's. cert-manager renews with a third left, so that
 * whatever is below it has not been renewed for a while.
 */
const leastLeft = (from: Date, to: Date): number => Math.min(14 * DAY, (to.getTime() - from.getTime()) / 6);

/** A Secret with a certificate, and the hosts that it is for. */
interface Use {
  readonly namespace?: string;
  readonly secretName: string;
  readonly hosts: readonly string[];
}

/** A Gateway, or a set of listeners of one. */
interface Gateway extends KubernetesObject {
  readonly spec?: {
    readonly listeners?: readonly {
      readonly hostname?: string;
      readonly tls?: {
        readonly certificateRefs?: readonly { readonly name: string; readonly namespace?: string; readonly kind?: string }[];
      };
    }[];
  };
}

interface Certificate extends KubernetesObject {
  readonly spec?: { readonly secretName?: string; readonly dnsNames?: readonly string[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

function usesOf({ kind, metadata, spec }: V1Ingress | Gateway | Certificate): Use[] {
  const namespace = metadata?.namespace;
  if (kind === "Certificate") {
    const { secretName = "", dnsNames: hosts = [] } = spec as NonNullable<Certificate["spec"]>;
    return [{ namespace, secretName, hosts }];
  }
  if (kind === "Ingress") {
    const { tls = [] } = spec as NonNullable<V1Ingress["spec"]>;
    return tls.flatMap(({ secretName, hosts = [] }) => (secretName ? [{ namespace, secretName, hosts }] : []));
  }
  const { listeners = [] } = spec as NonNullable<Gateway["spec"]>;
  return listeners.flatMap(({ hostname, tls }) =>
    (tls?.certificateRefs ?? []).map((ref) => ({
      namespace: ref.namespace ?? namespace,
      secretName: ref.name,
      hosts: hostname === undefined ? [] : [hostname],
    })),
  );
}

/** Whether a certificate is good for hosts, now and for a while. */
export function judged(pem: string, hosts: readonly string[], now: Date): Finding {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return failed("is no certificate");
  }
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const left = to.getTime() - now.getTime();
  if (now < from) return failed(`is valid from ${from.toISOString()} on only`);
  if (now > to) return failed(`has ended on ${to.toISOString()}`);
  if (left < leastLeft(from, to)) return failed(`ends in ${Math.floor(left / DAY)} days, on ${to.toISOString()}, and is not renewed`);
  const other = hosts.filter((host) => certificate.checkHost(host.replace(/^\*\./, "any.")) === undefined);
  if (other.length > 0) return failed(`is not for ${other.join(", ")}`);
  return passed(`valid for ${Math.floor(left / DAY)} days`);
}

async function certified({ namespace, secretName, hosts }: Use, world: World): Promise<Finding> {
  const what = `certificate ${secretName}`;
  const [made] = (await world.list<Certificate>("cert-manager.io/v1", "Certificate", namespace ?? "")).filter(
    ({ spec }) => spec?.secretName === secretName,
  );
  const ref = { apiVersion: "cert-manager.io/v1", kind: "Certificate", namespace, name: made?.metadata?.name ?? secretName };
  if (made) {
    const ready = conditionOf(made.status?.conditions, "Ready");
    if (ready.status === "failed") return failed(`${what}: ${ready.found}`, describe(ref));
  }
  const secret = await world.get<V1Secret>({ apiVersion: "v1", kind: "Secret", namespace, name: secretName });
  const next = made ? describe(ref) : `kubectl get certificates,certificaterequests,secrets -n ${namespace}`;
  const pem = secret?.data?.["tls.crt"];
  if (!pem) return failed(secret ? `Secret ${secretName} has no tls.crt` : `Secret ${secretName} is not there`, next);
  const { status, found } = judged(Buffer.from(pem, "base64").toString(), hosts, world.now);
  return status === "passed" ? passed(`${what} ${found}`) : failed(`${what} ${found}`, next);
}

export const certificates: Check<V1Ingress | Gateway | Certificate> = {
  id: "certificates",
  title: "certificates are there, for their hosts, and do not end soon",
  source: ["starter-3"],
  kinds: ["Ingress", "Gateway", "ListenerSet", "Certificate"],
  async check({ live, deployed: { kind } }, world) {
    const uses = usesOf({ ...live, kind });
    if (uses.length === 0) return undefined;
    const findings = await Promise.all(uses.map((use) => certified(use, world)));
    return worst(findings);
  },
  next: describe,
};

export const issuerReady: Check<Certificate> = {
  id: "issuer-ready",
  title: "issuers of certificates are ready",
  source: ["starter-3"],
  kinds: ["Issuer", "ClusterIssuer"],
  check: ({ live }) => conditionOf(live.status?.conditions, "Ready"),
  next: describe,
};
