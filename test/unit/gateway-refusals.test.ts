import { strict as assert } from "node:assert";
import { Dotdo, type DotdoArgs } from "../../components/dotdo";
import { FluxionDb } from "../../components/fluxiondb";
import { Plinko } from "../../components/plinko";
import type { PlinkoInput } from "../../components/plinko/options";
import { Starter, type StarterArgs } from "../../components/starter";
import { at, named, plan, refusals } from "./components/engine";
import { given as plinkoGiven, merged } from "./plinko-given";
import { given, production } from "./starter-given";

const gateway = { name: "shared", namespace: "edge" };
const NGINX = "nginx.ingress.kubernetes.io";
const image = { tag: "1.4.0" };

const dotdo = (ingress: DotdoArgs["ingress"]) => () => new Dotdo("dotdo", { image, ingress });
const plinko = (options: PlinkoInput) => () => new Plinko("plinko", merged(plinkoGiven, options));
const starter = (ingress: object) => () => new Starter("starter", given<StarterArgs>(production, { ingress }));
const tenant = (ingress: object) => () =>
  new FluxionDb("alice", { user: "alice", ram: "512Mi", image: { tag: "1" }, apiKey: "ak-1", ingress: { enabled: true, ...ingress } });

/** Everything that is refused: at which option, and words that the reason has. */
const assertRefused = (make: () => unknown, ...expected: [path: string, ...words: string[]][]) => {
  const all = refusals(make);
  assert.deepEqual(
    all.map((refusal) => refusal.split(": ")[0]),
    expected.map(([path]) => path),
    all.join("\n"),
  );
  expected.forEach(([, ...words], index) =>
    words.forEach((word) => assert.ok(all[index]?.includes(word), `"${word}" is not in: ${all[index]}`)),
  );
};

describe("an option that the edge cannot honour is refused before anything is planned", function () {
  this.timeout("2m"); // plans whole systems

  describe("by a class that is not ingress-nginx's, naming class and ways out", () => {
    const ways = ["ingress.controller", "ingress.gateway"];

    it("limits and redirect, all at once", () => {
      const limits = { bodySize: "50m", readTimeoutSeconds: 61, sendTimeoutSeconds: 62, sslRedirect: true };
      assertRefused(
        starter({ className: "traefik", ...limits }),
        ["ingress.sslRedirect", '"true"', '"traefik"', ...ways],
        ["ingress.bodySize", '"50m"', '"traefik"', ...ways],
        ["ingress.readTimeoutSeconds", '"61"', '"traefik"', ...ways],
        ["ingress.sendTimeoutSeconds", '"62"', '"traefik"', ...ways],
      );
    });

    it("annotations of ingress-nginx, and no others", () => {
      const annotations = { [`${NGINX}/limit-rps`]: "5", "example.com/note": "x" };
      assertRefused(starter({ className: "traefik", annotations }), [`ingress.annotations.${NGINX}/limit-rps`, '"traefik"', ...ways]);
    });

    it("dotdo's hash, which is on by default", () => {
      assertRefused(dotdo({ className: "traefik" }), ["ingress.routing", '"two-ingresses"', '"traefik"', ...ways, "none"]);
    });

    it("Plinko's CORS, paths and forced redirect", () => {
      assertRefused(
        plinko({ ingress: { className: "traefik", forceSslRedirect: true } }),
        ["ingress.forceSslRedirect", '"traefik"', ...ways],
        ["ingress.cors.enabled", '"traefik"', ...ways, "false"],
        ["ingress.hosts", "/api, /cdn", '"traefik"', ...ways, "global.domain"],
      );
    });

    it("an access log without the tenants' keys, which only ingress-nginx can be told to keep", () => {
      assertRefused(tenant({ className: "traefik" }), ["ingress.accessLog", '"traefik"', "key", "ingress.controller", "without-query"]);
    });

    it("and class nginx, where its owner says that it is another's", () => {
      assertRefused(starter({ controller: "other", bodySize: "50m" }), ["ingress.bodySize", '"nginx"']);
    });
  });

  describe("but an Ingress of such a class serves without them:", () => {
    const annotationsOf = async (make: () => unknown, name: string) => at(named(await plan(make), name), "metadata.annotations");

    it("no annotation says what nobody reads", async () => {
      const tls = { tls: [{ secretName: "t", hosts: ["do.example.com"] }], clusterIssuer: "le", annotations: { note: "x" } };
      const issuer = { "cert-manager.io/cluster-issuer": "le", note: "x" };
      assert.deepEqual(await annotationsOf(dotdo({ className: "traefik", routing: "none", ...tls }), "dotdo-ingress"), issuer);
      assert.deepEqual(await annotationsOf(starter({ className: "traefik" }), "starter-ingress"), {});
      assert.deepEqual(await annotationsOf(tenant({ className: "traefik", accessLog: "without-query" }), "alice-ingress"), {
        "cert-manager.io/cluster-issuer": "letsencrypt-prod",
      });
    });

    it("Plinko by plain paths, a host for each service", async () => {
      const options: PlinkoInput = { global: { domain: "example.com" }, ingress: { className: "traefik", cors: { enabled: false } } };
      const rules = at(named(await plan(plinko(options)), "plinko-ingress"), "spec.rules") as object[];
      assert.deepEqual(
        rules.map((rule) => [at(rule, "host"), at(rule, "http.paths.0.path"), at(rule, "http.paths.0.pathType")]),
        ["wallet", "api", "cdn"].map((name) => [`plinko-${name}.example.com`, "/", "Prefix"]),
      );
    });

    it("a class of another name can be ingress-nginx's", async () => {
      const own = { className: "internal", controller: "nginx" as const };
      const annotations = (await annotationsOf(dotdo({ ...own, bodySize: "1m" }), "dotdo-ingress")) as Record<string, string>;
      assert.equal(annotations[`${NGINX}/proxy-body-size`], "1m");
      assert.equal(annotations[`${NGINX}/upstream-hash-by`], "$request_uri");
      await plan(plinko({ ingress: own }));
    });
  });

  describe("by a Gateway:", () => {
    it("what is for an Ingress, all at once", () => {
      assertRefused(
        starter({ gateway, className: "traefik", controller: "nginx", annotations: { note: "x" } }),
        ["ingress.className", '"traefik"', "ingress.gateway", "take one of them out"],
        ["ingress.controller", '"nginx"', "ingress.gateway"],
        ["ingress.annotations", "note", "ingress.gateway"],
      );
    });

    it("limits that Envoy does not have", () => {
      assertRefused(
        dotdo({ gateway, bodySize: "4g", sendTimeoutSeconds: 60 }),
        ["ingress.bodySize", '"4g"', "4095m"],
        ["ingress.sendTimeoutSeconds", "60", "3600", "both"],
      );
      assertRefused(dotdo({ gateway, readTimeoutSeconds: 100_000, sendTimeoutSeconds: 100_000 }), ["ingress.readTimeoutSeconds", "99999"]);
    });

    it("paths that each controller compares as it likes", () => {
      const hosts = [{ host: "do.example.com", paths: [{ path: "/", pathType: "ImplementationSpecific" as const }] }];
      assertRefused(dotdo({ gateway, hosts }), ["ingress.hosts.0.paths.0.pathType", '"ImplementationSpecific"', "Prefix or Exact"]);
    });

    it("the map of ingress-nginx", () => assertRefused(dotdo({ gateway, routing: "map" }), ["ingress.routing", '"map"', "leave it out"]));

    it("Plinko's forced redirect, and origins that cannot be compared with", () => {
      assertRefused(
        plinko({ ingress: { gateway, forceSslRedirect: true, cors: { origin: "wallet.example.com" } } }),
        ["ingress.forceSslRedirect", "ingress.tls"],
        ["ingress.cors.origin", '"wallet.example.com"', "https://"],
      );
      assertRefused(plinko({ ingress: { gateway, cors: { origin: "*, https://a.example.com" } } }), ["ingress.cors.origin", "* alone"]);
    });

    it("an access log with the tenants' keys", () => {
      assertRefused(tenant({ gateway }), ["ingress.accessLog", '"shared"', "%REQ_WITHOUT_QUERY(:PATH)%", "without-query"]);
    });

    it("half a name", () => assertRefused(dotdo({ gateway: { name: "shared" } as typeof gateway }), ["ingress.gateway.namespace"]));
  });

  it("dotdo's hash stands before any annotation of its owner, who may go without it", async () => {
    for (const name of [
      "upstream-hash-by",
      "upstream-hash-by-subset",
      "affinity",
      "affinity-mode",
      "session-cookie-name",
      "service-upstream",
      "canary",
    ]) {
      const annotations = { [`${NGINX}/${name}`]: "x" };
      assertRefused(dotdo({ annotations }), [`ingress.annotations.${NGINX}/${name}`, "X-DO-ID", "none"]);
      await plan(dotdo({ annotations, routing: "none" }));
    }
    await plan(dotdo({ annotations: { [`${NGINX}/limit-rps`]: "5" } }));
  });

  it("nothing is asked of an edge that is off", async () => {
    await plan(dotdo({ enabled: false, className: "traefik", gateway, bodySize: "4g" }));
    await plan(plinko({ ingress: { enabled: false, className: "traefik", gateway } }));
  });
});
