import { execa } from "execa";
import { certificate } from "./played";
import { kubectlOn, type Break } from "./verified";

/** Ways of breaking what controllers write of stack prod: certificates, synced secrets and routes, as they are played. */
export function breaksOfProd(env: Readonly<Record<string, string>>): Break[] {
  const kubectl = kubectlOn(env);
  const says = (type: string, reason: string) => ({
    conditions: [{ type, status: "False", reason, message: "on purpose", lastTransitionTime: "2026-01-01T00:00:00Z" }],
  });
  const patch = (namespace: string, object: string, change: object, ...more: string[]) =>
    kubectl("patch", "-n", namespace, object, "--type=merge", "--patch", JSON.stringify(change), ...more);
  const status = (namespace: string, object: string, change: object) =>
    patch(namespace, object, { status: change }, "--subresource=status");
  const route = "app.production.example.com";

  return [
    {
      way: "an external secret that is not synced",
      run: () => status("dotdo", "externalsecret/dotdo-secrets", says("Ready", "SecretSyncedError")),
      line: [
        "secret-synced ExternalSecret dotdo/dotdo-secrets",
        /SecretSyncedError: on purpose → kubectl describe -n dotdo externalsecret/,
      ],
    },
    {
      way: "a synced Secret that lacks a key",
      run: () => patch("fluxiondb-acme", "secret/fluxiondb-key", { data: null }),
      line: ["secrets-present StatefulSet fluxiondb-acme/fluxiondb", /lacks key \S+ of Secret fluxiondb-key/],
    },
    {
      way: "a certificate that was not issued",
      run: () => status("dotdo", "certificate/dotdo-production-tls-gateway", says("Ready", "DoesNotExist")),
      line: ["certificates Certificate dotdo/dotdo-production-tls-gateway", /Ready is False: DoesNotExist: on purpose/],
      along: ["certificates ListenerSet dotdo/dotdo"],
    },
    {
      way: "a certificate that has ended",
      run: () => patch("starter", "secret/starter-production-tls", { data: { "tls.crt": certificate("ended") } }),
      line: ["certificates Certificate starter/starter-production-tls-gateway", /has ended on 2026-04-01/],
      along: ["certificates ListenerSet starter/starter"],
    },
    {
      way: "a certificate whose Secret is gone",
      run: () => kubectl("delete", "-n", "plinko", "secret/plinko-wallet-tls"),
      line: ["certificates Certificate plinko/plinko-wallet-tls-gateway", /Secret plinko-wallet-tls is not there/],
      along: ["certificates ListenerSet plinko/plinko"],
    },
    {
      way: "a route that the edge does not take",
      run: async () => {
        const name = `httproute/starter.${route}`;
        const { parents } = (JSON.parse(await kubectl("get", "-n", "starter", name, "--output=json")) as { status: { parents: object[] } })
          .status;
        const refused = parents.map((parent) => ({ ...parent, ...says("Accepted", "NotAllowedByListeners") }));
        await status("starter", name, { parents: refused });
      },
      line: [`edge-accepted HTTPRoute starter/starter.${route}`, /Accepted is False: NotAllowedByListeners: on purpose/],
    },
    {
      way: "listeners that the edge does not take",
      run: () => status("fluxiondb-globex", "listenerset/fluxiondb", says("Accepted", "NotAllowed")),
      line: ["edge-accepted ListenerSet fluxiondb-globex/fluxiondb", /Accepted is False: NotAllowed/],
    },
  ];
}

/** The store of another stack, of which each external secret says that it is not well. */
export const breakStore = (env: Readonly<Record<string, string>>) =>
  execa(
    "kubectl",
    [
      "patch",
      "clustersecretstore/production",
      "--type=merge",
      "--subresource=status",
      "--patch",
      '{"status":{"conditions":[{"type":"Ready","status":"False","reason":"InvalidProviderConfig"}]}}',
    ],
    { env },
  );
