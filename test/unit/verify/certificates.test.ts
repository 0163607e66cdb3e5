import { strict as assert } from "node:assert";
import { certificates, issuerReady, judged } from "../../../verify/checks/certificates";
import { base64, inNamespace, pem, READY, redOf, saidBy } from "./given";

const HOST = "app.production.example.com";
const YEAR = new Date("2027-01-01");

const ingress = (hosts: string[]) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: inNamespace("web"),
  spec: { tls: [{ secretName: "web-tls", hosts }] },
});
const secret = (text: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: inNamespace("web-tls"),
  data: { "tls.crt": base64(text) },
});
const certificate = (conditions: object[]) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: inNamespace("web-tls-gateway"),
  spec: { secretName: "web-tls", dnsNames: [HOST] },
  status: { conditions },
});

/** What is wrong with a certificate that is not good. */
const wrongWith = (...given: Parameters<typeof judged>): string => {
  const { status, found } = judged(...given);
  assert.equal(status, "failed", found);
  return found;
};

describe("verify, of certificates:", () => {
  it("one is good for its hosts, now and for a while", () => {
    assert.match(judged(pem("valid"), [HOST], YEAR).found, /^valid for 36\d{3} days$/);
    assert.equal(wrongWith(pem("valid"), ["app.example.com"], YEAR), "is not for app.example.com");
    assert.equal(judged(pem("valid"), ["*.production.example.com"], YEAR).status, "passed");
    assert.match(wrongWith(pem("valid"), [HOST], new Date("2020-01-01")), /^is valid from 2026-/);
    assert.equal(wrongWith("nothing", [HOST], YEAR), "is no certificate");
  });

  it("one that ends soon, or has ended, is red", () => {
    assert.equal(judged(pem("ended"), [HOST], new Date("2026-03-17T23:00Z")).status, "passed");
    assert.equal(
      wrongWith(pem("ended"), [HOST], new Date("2026-03-19T12:00Z")),
      "ends in 12 days, on 2026-04-01T00:00:00.000Z, and is not renewed",
    );
    assert.equal(wrongWith(pem("ended"), [HOST], YEAR), "has ended on 2026-04-01T00:00:00.000Z");
  });

  it("an Ingress needs the Secret that it names, whoever is to make it", async () => {
    assert.match(
      (await saidBy(certificates, { live: [ingress([HOST]), secret(pem("valid"))] })).join(),
      /^passed: certificate web-tls valid for/,
    );
    assert.equal((await redOf(certificates, { live: [ingress([HOST])] })).found, "Secret web-tls is not there");
    const empty = { ...secret(""), data: {} };
    assert.equal((await redOf(certificates, { live: [ingress([HOST]), empty] })).found, "Secret web-tls has no tls.crt");
  });

  it("an Ingress without TLS is asked nothing", async () => {
    assert.deepEqual(await saidBy(certificates, { live: [{ ...ingress([]), spec: {} }] }), []);
  });

  it("what cert-manager says of it comes first, and is what is to be looked at", async () => {
    const failing = certificate([{ type: "Ready", status: "False", reason: "Issuing", message: "order failed" }]);
    const red = await redOf(certificates, { live: [ingress([HOST]), secret(pem("valid")), failing], deployed: [ingress([HOST])] });
    assert.equal(red.found, "certificate web-tls: Ready is False: Issuing: order failed");
    assert.equal(red.next, "kubectl describe -n ns certificate.cert-manager.io/web-tls-gateway");
    assert.match((await saidBy(certificates, { live: [certificate(READY), secret(pem("valid"))] })).join(), /^passed/);
  });

  it("listeners need theirs, each for its host", async () => {
    const listeners = (hostname: string) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "ListenerSet",
      metadata: inNamespace("web"),
      spec: { listeners: [{ hostname, tls: { certificateRefs: [{ name: "web-tls" }] } }, {}] },
    });
    assert.match((await saidBy(certificates, { live: [listeners(HOST), secret(pem("valid"))] })).join(), /^passed/);
    const red = await redOf(certificates, { live: [listeners("app.example.com"), secret(pem("valid"))] });
    assert.equal(red.found, "certificate web-tls is not for app.example.com");
  });

  it("an issuer is green when it is ready", async () => {
    const issuer = (status: string) => ({
      apiVersion: "cert-manager.io/v1",
      kind: "ClusterIssuer",
      metadata: { name: "letsencrypt" },
      status: { conditions: [{ type: "Ready", status }] },
    });
    assert.deepEqual(await saidBy(issuerReady, { live: [issuer("True")] }), ["passed: Ready"]);
    assert.deepEqual(await saidBy(issuerReady, { live: [issuer("False")] }), ["failed: Ready is False"]);
  });
});
