import { strict as assert } from "node:assert";
import { Dotdo, type DotdoArgs } from "../../components/dotdo";
import { FluxionDb } from "../../components/fluxiondb";
import { Plinko } from "../../components/plinko";
import type { PlinkoInput } from "../../components/plinko/options";
import { Starter, type StarterArgs } from "../../components/starter";
import { assertDecided, hashOf, HOSTS, meetingsOf, type EdgeObject, type Request } from "../support/gateway";
import { at, named, plan, type Planned, valueOf } from "../unit/components/engine";
import { given as plinko, merged } from "../unit/plinko-given";
import { given, production } from "../unit/starter-given";

const gateway = { name: "shared", namespace: "edge" };
const KINDS = ["HTTPRoute", "BackendTrafficPolicy", "ListenerSet", "Certificate"];
const edgeOf = (planned: readonly Planned[]) =>
  planned.map(({ inputs }) => inputs as EdgeObject).filter(({ kind }) => KINDS.includes(kind));
const listed = (objects: readonly EdgeObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const kindOf = <Kind extends EdgeObject["kind"]>(objects: readonly EdgeObject[], kind: Kind) =>
  objects.flatMap((object) => (object.kind === kind ? [object as Extract<EdgeObject, { kind: Kind }>] : []));
/** The one rule and the one policy that a request meets. */
const met = (objects: readonly EdgeObject[], request: Request) => {
  const meetings = meetingsOf(objects, request);
  assert.equal(meetings.length, 1, `${JSON.stringify(request)} meets ${meetings.length} rules`);
  const [{ route, rule, policies }] = meetings as [(typeof meetings)[number]];
  return { route, rule, policies };
};
const TLS = { tls: [{ secretName: "do-tls", hosts: ["do.example.com"] }], clusterIssuer: "letsencrypt-prod" };

const dotdo = (ingress: DotdoArgs["ingress"] = {}, further: Partial<DotdoArgs> = {}) =>
  plan(() => new Dotdo("dotdo", { image: { tag: "1.4.0" }, ingress: { gateway, ...ingress }, ...further }));
const plinkoOn = (changes: PlinkoInput = {}) => plan(() => new Plinko("plinko", merged(merged(plinko, { ingress: { gateway } }), changes)));
const starter = (changes: object = {}) =>
  plan(() => new Starter("starter", given<StarterArgs>(given(production, { ingress: { gateway } }), changes)));
const tenant = (ingress: object = {}) =>
  plan(
    () =>
      new FluxionDb("alice", {
        user: "alice",
        ram: "512Mi",
        image: { tag: "1.0.3" },
        apiKey: "ak-1",
        ingress: { enabled: true, gateway, accessLog: "without-query", ...ingress },
      }),
  );

describe("a Gateway", function () {
  this.timeout("2m"); // plans whole systems

  it("takes the place of every Ingress, of each system that has one", async () => {
    for (const planned of [await dotdo(), await plinkoOn(), await starter(), await tenant()]) {
      assert.deepEqual(
        planned.filter(({ type }) => type.endsWith(":Ingress")).map(({ name }) => name),
        [],
      );
      for (const { spec } of kindOf(edgeOf(planned), "HTTPRoute")) {
        assert.ok(spec.parentRefs.some(({ kind, name }) => (kind === "Gateway" ? name === "shared" : kind === "ListenerSet")));
      }
    }
  });

  it("names what there is once a host after it: someone's state holds these names", async () => {
    const planned = await dotdo({ hosts: [{ host: "do.example.com" }, { host: "*.do.example.com" }], ...TLS });
    assert.deepEqual(listed(edgeOf(planned)), [
      "BackendTrafficPolicy dotdo",
      "BackendTrafficPolicy dotdo-by-id",
      "BackendTrafficPolicy dotdo-by-id-limited",
      "BackendTrafficPolicy dotdo-limited",
      "Certificate do-tls-gateway",
      "HTTPRoute dotdo-any.do.example.com",
      "HTTPRoute dotdo-by-id-any.do.example.com",
      "HTTPRoute dotdo-by-id.do.example.com",
      "HTTPRoute dotdo-redirect.do.example.com",
      "HTTPRoute dotdo.do.example.com",
      "ListenerSet dotdo",
    ]);
    const parts = planned.filter(({ inputs }) => KINDS.includes(String(at(inputs, "kind")))).map(({ name }) => name);
    assert.deepEqual(parts.sort(), [
      "dotdo-certificate-do-tls-gateway",
      "dotdo-listeners",
      "dotdo-policy",
      "dotdo-policy-by-id",
      "dotdo-policy-by-id-limited",
      "dotdo-policy-limited",
      "dotdo-route-any.do.example.com",
      "dotdo-route-by-id-any.do.example.com",
      "dotdo-route-by-id.do.example.com",
      "dotdo-route-redirect.do.example.com",
      "dotdo-route.do.example.com",
    ]);
  });

  it("tells the same addresses as an Ingress", async () => {
    const urls = async (make: () => { hostUrls: Dotdo["hostUrls"] }) => {
      let made: { hostUrls: Dotdo["hostUrls"] } | undefined;
      await plan(() => (made = make()));
      return made && (await valueOf(made.hostUrls));
    };
    const image = { tag: "1" };
    const hosts = [{ host: "do.example.com" }, { host: "plain.example.com" }];
    const dotdoUrls = (edge: object) => urls(() => new Dotdo("dotdo", { image, ingress: { hosts, ...TLS, ...edge } }));
    assert.deepEqual(await dotdoUrls({ gateway }), await dotdoUrls({}));
    assert.deepEqual(await dotdoUrls({ gateway }), ["https://do.example.com", "http://plain.example.com"]);
    const global = { domain: "example.com", tls: { enabled: true } };
    const plinkoUrls = (edge: object) => urls(() => new Plinko("plinko", merged(plinko, { global, ingress: edge })));
    assert.deepEqual(await plinkoUrls({ gateway }), await plinkoUrls({}));
    const starterUrls = (edge: object) => urls(() => new Starter("starter", given<StarterArgs>(production, { ingress: edge })));
    assert.deepEqual(await starterUrls({ gateway }), await starterUrls({}));
  });

  it("ends TLS at a listener of the system's own, whose Secret cert-manager fills", async () => {
    const objects = edgeOf(await dotdo({ hosts: [{ host: "do.example.com" }, { host: "plain.example.com" }], ...TLS }));
    const [listeners] = kindOf(objects, "ListenerSet");
    assert.deepEqual(at(listeners, "spec.parentRef"), { group: "gateway.networking.k8s.io", kind: "Gateway", ...gateway });
    assert.deepEqual(at(listeners, "spec.listeners.0.tls.certificateRefs"), [{ group: "", kind: "Secret", name: "do-tls" }]);
    assert.deepEqual(at(kindOf(objects, "Certificate")[0], "spec"), {
      secretName: "do-tls",
      dnsNames: ["do.example.com"],
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "letsencrypt-prod" },
    });
    assert.equal(met(objects, { port: 443, host: "do.example.com", path: "/" }).route, "dotdo.do.example.com");
    assert.deepEqual(meetingsOf(objects, { port: 443, host: "plain.example.com", path: "/" }), []);
    assert.equal(met(objects, { port: 80, host: "plain.example.com", path: "/" }).route, "dotdo.plain.example.com");
  });

  it("needs no listeners of its own for plain HTTP, and no Certificate without an issuer", async () => {
    assert.deepEqual(
      listed(edgeOf(await dotdo())).filter((object) => /^(ListenerSet|Certificate)/.test(object)),
      [],
    );
    assert.deepEqual(kindOf(edgeOf(await dotdo({ tls: TLS.tls })), "Certificate"), []);
  });

  it("sends HTTP to HTTPS where there is a certificate, unless told otherwise", async () => {
    const request: Request = { port: 80, host: "do.example.com", path: "/x", headers: { "X-DO-ID": "a" } };
    const { rule } = met(edgeOf(await dotdo(TLS)), request);
    assert.deepEqual(rule.filters, [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 308 } }]);
    const both = edgeOf(await dotdo({ ...TLS, sslRedirect: false }));
    assert.equal(met(both, request).route, "dotdo-by-id.do.example.com");
    assert.equal(met(both, { ...request, port: 443 }).route, "dotdo-by-id.do.example.com");
  });

  it("limits bodies and silence, and lets WebSockets begin, which Envoy does not where it limits bodies", async () => {
    const objects = edgeOf(await dotdo({ bodySize: "100m", readTimeoutSeconds: 77, sendTimeoutSeconds: 77 }));
    const request: Request = { port: 80, host: "do.example.com", path: "/" };
    const { policies } = met(objects, request);
    assert.deepEqual(policies[0]?.spec.requestBuffer, { limit: "100Mi" });
    for (const [id, hash] of [
      [{}, ":path"],
      [{ "X-DO-ID": "a" }, "X-DO-ID"],
    ] as [Record<string, string>, string][]) {
      const webSocket = met(objects, { ...request, headers: { ...id, upgrade: "WebSocket" } });
      assert.deepEqual(
        webSocket.policies.map((policy) => [hashOf(policy), policy.spec.requestBuffer]),
        [[hash, undefined]],
      );
    }
    for (const { spec } of kindOf(objects, "BackendTrafficPolicy")) {
      assert.deepEqual(spec.timeout, { http: { requestTimeout: "0s", streamIdleTimeout: "77s", connectionIdleTimeout: "60s" } });
    }
    const unlimited = edgeOf(await dotdo({ bodySize: "0" }));
    assert.ok(kindOf(unlimited, "BackendTrafficPolicy").every(({ spec }) => spec.requestBuffer === undefined));
    assert.ok(kindOf(unlimited, "HTTPRoute").every(({ spec }) => spec.rules.length === 1));
    for (const [written, meant] of [
      ["512k", "512Ki"],
      ["2g", "2Gi"],
      ["1000", "1000"],
    ]) {
      const [, limited] = kindOf(edgeOf(await dotdo({ bodySize: written, routing: "none" })), "BackendTrafficPolicy");
      assert.deepEqual(limited?.spec.requestBuffer, { limit: meant });
    }
  });

  it("hashes to the pods themselves by a table whose size is a prime, and not at all where routing is none", async () => {
    for (const { spec } of kindOf(edgeOf(await dotdo()), "BackendTrafficPolicy")) {
      assert.equal(at(spec, "routingType"), "Endpoint");
      const size = spec.loadBalancer?.consistentHash.tableSize ?? 0;
      assert.ok(size > 1000 && size <= 5_000_011);
      for (let divisor = 2; divisor * divisor <= size; divisor++) assert.notEqual(size % divisor, 0);
    }
    const objects = edgeOf(await dotdo({ routing: "none" }));
    assert.ok(kindOf(objects, "BackendTrafficPolicy").every(({ spec }) => spec.loadBalancer === undefined));
    assert.deepEqual(
      kindOf(objects, "HTTPRoute").map(({ metadata }) => metadata.name),
      ["dotdo.do.example.com"],
    );
  });

  it("is let in by the network policies, in place of the ingress controller", async () => {
    const peers = (planned: readonly Planned[], name: string) => JSON.stringify(at(named(planned, name), "spec.ingress"));
    for (const [planned, name] of [
      [await dotdo(), "dotdo-network-policy"],
      [await plinkoOn(), "plinko-pir-server-network-policy"],
      [await starter(), "starter-web-network-policy"],
      [await tenant(), "alice-network-policy"],
    ] as const) {
      assert.ok(peers(planned, name).includes('"kubernetes.io/metadata.name":"envoy-gateway-system"'), name);
      assert.ok(!peers(planned, name).includes("ingress-nginx"), name);
    }
    const proxy = { namespace: "proxies", podLabels: { app: "envoy" } };
    const own = peers(await dotdo({}, { networkPolicy: { gatewayProxy: proxy } }), "dotdo-network-policy");
    assert.ok(own.includes('{"kubernetes.io/metadata.name":"proxies"}},"podSelector":{"matchLabels":{"app":"envoy"}}'));
  });

  it("lets the caller change each of its objects last", async () => {
    const planned = await dotdo(
      {},
      { transform: { gateway: (object) => void Object.assign(object.metadata.labels, { kind: object.kind.toLowerCase() }) } },
    );
    assert.equal(at(named(planned, "dotdo-route.do.example.com"), "metadata.labels.kind"), "httproute");
    assert.equal(at(named(planned, "dotdo-policy"), "metadata.labels.kind"), "backendtrafficpolicy");
  });

  describe("serves Plinko", () => {
    it("by path, which is taken off on the way, with CORS", async () => {
      const objects = edgeOf(await plinkoOn());
      const seen = ["/api/hint", "/api", "/cdn/deltas/", "/apis", "/"].map((path) => {
        const { rule } = met(objects, { port: 80, host: "any.example.com", path });
        const strips = rule.filters?.some(({ type }) => type === "URLRewrite") ?? false;
        return [path, rule.backendRefs?.[0]?.name, rule.backendRefs?.[0]?.port, strips];
      });
      assert.deepEqual(seen, [
        ["/api/hint", "plinko-pir-server", 3000, true],
        ["/api", "plinko-pir-server", 3000, true],
        ["/cdn/deltas/", "plinko-cdn-mock", 8080, true],
        ["/apis", "plinko-rabby-wallet", 80, false],
        ["/", "plinko-rabby-wallet", 80, false],
      ]);
      const { rule } = met(objects, { port: 80, host: "any.example.com", path: "/cdn" });
      assert.deepEqual(rule.filters, [
        { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
        {
          type: "CORS",
          cors: {
            allowOrigins: ["*"],
            allowMethods: ["GET", "HEAD", "POST", "OPTIONS"],
            allowHeaders: ["Origin", "X-Requested-With", "Content-Type", "Accept", "Range"],
            exposeHeaders: ["Content-Length", "Content-Range", "Accept-Ranges"],
            maxAge: 3600,
          },
        },
      ]);
    });

    it("by a host for each service, over HTTPS", async () => {
      const objects = edgeOf(await plinkoOn({ global: { domain: "example.com", tls: { enabled: true } } }));
      for (const [label, service] of Object.entries({ wallet: "rabby-wallet", api: "pir-server", cdn: "cdn-mock" })) {
        const { rule } = met(objects, { port: 443, host: `plinko-${label}.example.com`, path: "/x" });
        assert.equal(rule.backendRefs?.[0]?.name, `plinko-${service}`);
      }
    });

    it("without CORS where that is off, and for the origins that are named", async () => {
      const corsOf = (planned: Planned[]) => JSON.stringify(edgeOf(planned)).match(/"allowOrigins":\[[^\]]*\]/)?.[0];
      assert.equal(corsOf(await plinkoOn({ ingress: { cors: { enabled: false } } })), undefined);
      const origin = "https://a.example.com, https://*.b.example.com";
      assert.equal(
        corsOf(await plinkoOn({ ingress: { cors: { origin } } })),
        '"allowOrigins":["https://a.example.com","https://*.b.example.com"]',
      );
    });
  });

  it("serves the starter's web and API, each by its own certificate", async () => {
    const api = { apiHosts: [{ host: "api.example.com" }], apiTls: [{ secretName: "api-tls", hosts: ["api.example.com"] }] };
    const objects = edgeOf(await starter({ ingress: api }));
    for (const [host, path, service] of [
      ["app.example.com", "/", "starter-web"],
      ["app.example.com", "/api/x", "starter-web"],
      ["api.example.com", "/v1", "starter-api"],
    ] as const) {
      assert.equal(met(objects, { port: 443, host, path }).rule.backendRefs?.[0]?.name, service);
    }
    const [listeners] = kindOf(objects, "ListenerSet");
    assert.deepEqual(
      (at(listeners, "spec.listeners") as object[]).map((listener) => [
        at(listener, "hostname"),
        at(listener, "tls.certificateRefs.0.name"),
      ]),
      [
        ["app.example.com", "app-tls"],
        ["api.example.com", "api-tls"],
      ],
    );
  });

  it("decides for each of 1,000 requests to dotdo: one rule, one policy, and the same hash for the same id", async () => {
    const objects = edgeOf(await dotdo({ hosts: HOSTS, ...TLS }));
    assertDecided(objects);
  });

  it("serves a tenant's database to WebSockets, with a certificate of its own", async () => {
    const objects = edgeOf(await tenant());
    const { rule, policies } = met(objects, { port: 443, host: "alice.fluxiondb.com", path: "/", headers: { Upgrade: "websocket" } });
    assert.deepEqual(
      rule.backendRefs?.map(({ name, port }) => `${name}:${port}`),
      ["fluxiondb:8080"],
    );
    assert.equal(policies[0]?.spec.requestBuffer, undefined);
    assert.deepEqual(listed(kindOf(objects, "Certificate")), ["Certificate alice-fluxiondb-tls-gateway"]);
  });
});
