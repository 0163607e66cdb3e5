import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import { execa } from "execa";
import { readFileSync } from "node:fs";

/** What the controllers of certificates, external secrets and routes would write, on a cluster that has none of them. */

interface Custom extends KubernetesObject {
  readonly spec?: {
    readonly secretName?: string;
    readonly target?: { readonly name?: string };
    readonly data?: readonly { readonly secretKey: string }[];
    readonly parentRefs?: readonly object[];
  };
}

const SINCE = "2026-01-01T00:00:00Z";
const is = (type: string, status = "True", reason = "Played") => ({
  type,
  status,
  reason,
  message: "",
  lastTransitionTime: SINCE,
});

/** What each kind says when it is well. */
const WELL: Readonly<Record<string, (object: Custom) => object>> = {
  "issuers.cert-manager.io": () => ({ conditions: [is("Ready")] }),
  "clusterissuers.cert-manager.io": () => ({ conditions: [is("Ready")] }),
  "certificates.cert-manager.io": () => ({ conditions: [is("Ready")] }),
  "clustersecretstores.external-secrets.io": () => ({ conditions: [is("Ready")] }),
  "externalsecrets.external-secrets.io": () => ({ conditions: [is("Ready")] }),
  "listenersets.gateway.networking.k8s.io": () => ({ conditions: [is("Accepted"), is("Programmed")] }),
  "httproutes.gateway.networking.k8s.io": ({ spec }) => ({
    parents: (spec?.parentRefs ?? []).map((parentRef) => ({
      parentRef,
      controllerName: "stackyard.dev/played",
      conditions: [is("Accepted"), is("ResolvedRefs")],
    })),
  }),
};

export const certificate = (name: "valid" | "ended"): string => readFileSync(`test/fixtures/certificates/${name}.pem`).toString("base64");

const secret = (namespace: string | undefined, name: string, data: Record<string, string>): V1Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace, name },
  data,
});

/** The Secret that a controller would make of an object. */
const secretOf = ({ metadata, spec }: Custom): V1Secret[] => {
  if (spec?.secretName) return [secret(metadata?.namespace, spec.secretName, { "tls.crt": certificate("valid") })];
  const keys = (spec?.data ?? []).map(({ secretKey }): [string, string] => [secretKey, Buffer.from("played").toString("base64")]);
  return keys.length > 0 ? [secret(metadata?.namespace, spec?.target?.name ?? metadata?.name ?? "", Object.fromEntries(keys))] : [];
};

/** Writes it all, once. */
export async function playControllers(env: Readonly<Record<string, string>>): Promise<void> {
  for (const [kind, wellOf] of Object.entries(WELL)) {
    const { stdout } = await execa("kubectl", ["get", kind, "--all-namespaces", "--output=json"], { env });
    const { items } = JSON.parse(stdout) as { items: Custom[] };
    if (items.length === 0) continue;
    const well = items.map((object) => ({ ...object, status: wellOf(object) }));
    const secrets = items.flatMap(secretOf);
    await execa("kubectl", ["replace", "--subresource=status", "--filename=-"], { env, input: listed(well) });
    if (secrets.length > 0) await execa("kubectl", ["apply", "--server-side", "--filename=-"], { env, input: listed(secrets) });
  }
}

const listed = (items: readonly object[]): string => JSON.stringify({ apiVersion: "v1", kind: "List", items });
