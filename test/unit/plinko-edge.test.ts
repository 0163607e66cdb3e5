import { strict as assert } from "node:assert";
import { hostUrlsOf } from "../../components/plinko/ingress";
import { PlinkoInput } from "../../components/plinko/options";
import { planOf } from "../../components/plinko/plan";
import { at } from "./components/engine";
import { given, merged } from "./plinko-given";
import { seen } from "./plinko-seen";

describe("options of Plinko lead to the services from outside", () => {
  const routes = (options?: PlinkoInput) =>
    (seen("ingress spec.rules", options) as { host?: string; http: { paths: object[] } }[]).flatMap(({ host, http }) =>
      http.paths.map((path) => `${host ?? "*"}${String(at(path, "path"))} ${String(at(path, "backend.service.name"))}`),
    );
  const annotation = (name: string, options?: PlinkoInput) =>
    (seen("ingress metadata.annotations", options) as Record<string, string>)[`nginx.ingress.kubernetes.io/${name}`];

  it("by one rule for any host", () => {
    assert.deepEqual(routes(), ["*/api(/|$)(.*) plinko-pir-server", "*/cdn(/|$)(.*) plinko-cdn-mock", "*/()(.*) plinko-rabby-wallet"]);
    assert.equal(annotation("rewrite-target"), "/$2");
    // what the rule does with a path: the service gets its second group
    const strip = (path: string) => path.replace(new RegExp(`^${routes()[0]?.split(" ")[0]?.slice(1)}`), "/$2");
    assert.deepEqual([strip("/api/health"), strip("/api"), strip("/apis")], ["/health", "/", "/apis"]);
  });

  it("by a host for each, below a domain, with its certificate", () => {
    const options: PlinkoInput = {
      global: { domain: "example.com", tls: { enabled: true } },
      ingress: { clusterIssuer: "letsencrypt-prod" },
    };
    assert.deepEqual(routes(options), [
      "plinko-wallet.example.com/()(.*) plinko-rabby-wallet",
      "plinko-api.example.com/()(.*) plinko-pir-server",
      "plinko-cdn.example.com/()(.*) plinko-cdn-mock",
    ]);
    assert.deepEqual(
      seen("ingress spec.tls", options),
      ["wallet", "api", "cdn"].map((name) => ({ secretName: `plinko-${name}-tls`, hosts: [`plinko-${name}.example.com`] })),
    );
    assert.equal(
      (seen("ingress metadata.annotations", options) as Record<string, string>)["cert-manager.io/cluster-issuer"],
      "letsencrypt-prod",
    );
    assert.deepEqual(hostUrlsOf(planOf("plinko", merged(given, options)))[0], "https://plinko-wallet.example.com");
  });

  it("by hosts that are named, as the seed writes them", () => {
    const hosts = [
      { host: "", paths: [{ path: "/", service: "rabby-wallet" as const }] },
      { host: "pir.example.com", paths: [{ path: "/v1.0/", service: "pir-server" as const }] },
    ];
    assert.deepEqual(routes({ ingress: { hosts } }), ["*/()(.*) plinko-rabby-wallet", "pir.example.com/v1[.]0(/|$)(.*) plinko-pir-server"]);
    const tls = [{ secretName: "pir", hosts: ["pir.example.com"] }];
    assert.deepEqual(seen("ingress spec.tls", { ingress: { hosts, tls } }), tls);
  });

  it("with CORS, limits and timeouts", () => {
    assert.deepEqual(
      ["enable-cors", "cors-allow-origin", "proxy-body-size", "proxy-read-timeout", "proxy-send-timeout", "ssl-redirect"].map((name) =>
        annotation(name),
      ),
      ["true", "*", "10m", "60", "60", undefined],
    );
    assert.match(annotation("cors-allow-headers") ?? "", /Range/);
    const options: PlinkoInput = {
      ingress: {
        cors: { origin: "https://w.example.com" },
        bodySize: "1m",
        readTimeoutSeconds: 600,
        sendTimeoutSeconds: 601,
        sslRedirect: false,
        forceSslRedirect: true,
      },
    };
    assert.deepEqual(
      ["cors-allow-origin", "proxy-body-size", "proxy-read-timeout", "proxy-send-timeout", "ssl-redirect", "force-ssl-redirect"].map(
        (name) => annotation(name, options),
      ),
      ["https://w.example.com", "1m", "600", "601", "false", "true"],
    );
    assert.equal(annotation("enable-cors", { ingress: { cors: { enabled: false } } }), undefined);
  });
});
