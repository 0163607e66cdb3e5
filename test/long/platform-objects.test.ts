import { strict as assert } from "node:assert";
import type { PlatformArgs } from "../../components/platform";
import { at, named } from "../unit/components/engine";
import { planned } from "../unit/platform-given";

const issuer = { email: "ops@example.com", server: "staging" } as const;
/** The one solver of issuer "le". */
const solversOf = async (args: PlatformArgs) => {
  const { resources } = await planned(args);
  return at(named(resources, "platform-le-issuer"), "spec.acme.solvers") as Record<string, unknown>[];
};
const dns01 = (solver: object, secretValues = {}) =>
  solversOf({ certManager: { issuers: { le: { ...issuer, http01: false, dns01: { main: solver as never } } } }, secretValues });

describe("platform: objects", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  describe("issuers", () => {
    it("ask the server of Let's Encrypt that is named, each with an account of its own", async () => {
      const issuers = { le: issuer, real: { ...issuer, server: "production" } } as const;
      const { resources } = await planned({ certManager: { issuers }, edge: { gateway: {} } });
      const acme = (name: string) => at(named(resources, `platform-${name}-issuer`), "spec.acme");
      assert.match(at(acme("le"), "server") as string, /^https:\/\/acme-staging-v02\.api\.letsencrypt\.org\//);
      assert.match(at(acme("real"), "server") as string, /^https:\/\/acme-v02\.api\.letsencrypt\.org\//);
      assert.equal(at(acme("le"), "email"), "ops@example.com");
      assert.notEqual(at(acme("le"), "privateKeySecretRef.name"), at(acme("real"), "privateKeySecretRef.name"));
    });

    it("prove hosts at plain HTTP of the shared Gateway, which cert-manager then watches", async () => {
      const args = {
        certManager: { issuers: { le: issuer } },
        edge: { gateway: { name: "shared", namespace: "gateways", httpListener: "web" } },
      };
      const [solver] = await solversOf(args);
      const parents = at(solver, "http01.gatewayHTTPRoute.parentRefs") as Record<string, string>[];
      assert.deepEqual([parents[0]?.["name"], parents[0]?.["namespace"], parents[0]?.["sectionName"]], ["shared", "gateways", "web"]);
      const { resources } = await planned(args);
      assert.equal(at(named(resources, "platform-cert-manager"), "helmOptions.values.config.enableGatewayAPI"), true);
    });

    it("prove hosts by an Ingress of the class that is there", async () => {
      const [solver] = await solversOf({ certManager: { issuers: { le: issuer } }, edge: { ingress: { className: "traefik" } } });
      assert.deepEqual(solver, { http01: { ingress: { ingressClassName: "traefik" } } });
    });

    it("prove zones at Route 53, with the pod's identity or with a key", async () => {
      const route53 = { region: "eu-central-1", hostedZoneId: "Z1" };
      assert.deepEqual(await dns01({ zones: ["example.com"], route53 }), [
        { selector: { dnsZones: ["example.com"] }, dns01: { route53: { region: "eu-central-1", hostedZoneID: "Z1" } } },
      ]);
      const keyed = { ...route53, accessKeyId: "AKIA", secrets: { secretAccessKey: "aws" } };
      const [solver] = await dns01({ zones: ["example.com"], route53: keyed }, { aws: "s3cr3t" });
      assert.equal(at(solver, "dns01.route53.accessKeyID"), "AKIA");
      assert.deepEqual(at(solver, "dns01.route53.secretAccessKeySecretRef"), { name: "platform-le.main-made", key: "secretAccessKey" });
    });

    it("prove zones at Cloud DNS, Azure DNS and Cloudflare", async () => {
      const [google] = await dns01(
        { zones: ["example.com"], cloudDns: { project: "dns", secrets: { serviceAccountKey: "g" } } },
        { g: "{}" },
      );
      assert.deepEqual(at(google, "dns01.cloudDNS"), {
        project: "dns",
        serviceAccountSecretRef: { name: "platform-le.main-made", key: "serviceAccountKey" },
      });
      const azureDns = { subscriptionId: "s", resourceGroup: "dns", clientId: "c" };
      const [managed] = await dns01({ zones: ["example.com"], azureDns });
      assert.deepEqual(at(managed, "dns01.azureDNS"), {
        subscriptionID: "s",
        resourceGroupName: "dns",
        managedIdentity: { clientID: "c" },
      });
      const principal = { ...azureDns, tenantId: "t", secrets: { clientSecret: "a" } };
      const [azure] = await dns01({ zones: ["example.com"], azureDns: principal }, { a: "x" });
      assert.deepEqual(at(azure, "dns01.azureDNS.clientSecretSecretRef"), { name: "platform-le.main-made", key: "clientSecret" });
      assert.equal(at(azure, "dns01.azureDNS.managedIdentity"), undefined);
      const [cloudflare] = await dns01({ zones: ["example.com"], cloudflare: { secrets: { apiToken: "cf" } } }, { cf: "x" });
      assert.deepEqual(at(cloudflare, "dns01.cloudflare.apiTokenSecretRef"), { name: "platform-le.main-made", key: "apiToken" });
    });
  });

  describe("edge", () => {
    const vultr = { "service.beta.kubernetes.io/vultr-loadbalancer-protocol": "tcp" };

    it("has the cloud's annotations on the Service that makes the load balancer, and nowhere else", async () => {
      const { resources } = await planned({ edge: { gateway: { service: { annotations: vultr, sourceRanges: ["203.0.113.0/24"] } } } });
      const service = at(named(resources, "platform-envoy-proxy"), "spec.provider.kubernetes.envoyService");
      assert.deepEqual(at(service, "annotations"), vultr);
      assert.deepEqual(at(service, "loadBalancerSourceRanges"), ["203.0.113.0/24"]);
      assert.ok(!JSON.stringify(named(resources, "platform-gateway")).includes("vultr"));
    });

    it("leaves out what only a load balancer has where there is none", async () => {
      const { resources } = await planned({ edge: { gateway: { service: { type: "ClusterIP", sourceRanges: ["203.0.113.0/24"] } } } });
      assert.deepEqual(at(named(resources, "platform-envoy-proxy"), "spec.provider.kubernetes.envoyService"), { type: "ClusterIP" });
    });

    it("serves every host over HTTP, and those that are named over HTTPS, with certificates of the issuer", async () => {
      const hosts = [{ host: "app.example.com" }, { host: "*.example.com", secretName: "wildcard" }];
      const { resources, platform } = await planned({
        certManager: { issuers: { le: issuer } },
        edge: { gateway: { hosts, clusterIssuer: "le" } },
      });
      const gateway = named(resources, "platform-gateway");
      const listeners = at(gateway, "spec.listeners") as Record<string, unknown>[];
      assert.deepEqual(
        listeners.map((listener) => [at(listener, "name"), at(listener, "port"), at(listener, "hostname")]),
        [
          ["http", 80, undefined],
          ["https-app-example-com", 443, "app.example.com"],
          ["https-any-example-com", 443, "*.example.com"],
        ],
      );
      assert.equal(at(listeners[1], "tls.certificateRefs.0.name"), "app-example-com-tls");
      assert.equal(at(listeners[2], "tls.certificateRefs.0.name"), "wildcard");
      const annotations = at(gateway, "metadata.annotations") as Record<string, string>;
      assert.equal(annotations["cert-manager.io/cluster-issuer"], "le");
      assert.deepEqual(platform.gateway?.listeners, {
        "app.example.com": "https-app-example-com",
        "*.example.com": "https-any-example-com",
      });
    });

    it("takes routes and listeners of Stackyard's namespaces only, unless told otherwise", async () => {
      const labelsOf = async (gateway: object) => {
        const { resources } = await planned({ edge: { gateway } });
        const spec = at(named(resources, "platform-gateway"), "spec");
        const routes = at(spec, "listeners.0.allowedRoutes.namespaces.selector.matchLabels");
        assert.deepEqual(at(spec, "allowedListeners.namespaces.selector.matchLabels"), routes);
        return routes;
      };
      assert.deepEqual(await labelsOf({}), { "app.kubernetes.io/part-of": "stackyard" });
      assert.deepEqual(await labelsOf({ routesFrom: { edge: "public" } }), { edge: "public" });
    });

    it("leaves the CRDs to a provider that brings them", async () => {
      const { resources } = await planned({ edge: { gateway: { crds: false } } });
      assert.equal(at(named(resources, "platform-envoy-gateway"), "values.crds.enabled"), false);
    });
  });

  describe("secret store", () => {
    const provider = async (store: object, secretValues = {}) => {
      const { resources } = await planned({ externalSecrets: { store: store }, secretValues });
      return at(named(resources, "platform-secret-store"), "spec.provider");
    };
    const key = (name: string) => ({ name: "platform-secret-store-credentials-made", namespace: "external-secrets", key: name });
    const account = { name: "external-secrets", namespace: "external-secrets" };

    it("reads from AWS", async () => {
      const aws = { region: "eu-central-1" };
      assert.deepEqual(await provider({ aws }), { aws: { service: "SecretsManager", region: "eu-central-1" } });
      const keyed = await provider({ aws: { ...aws, secrets: { accessKeyId: "i", secretAccessKey: "k" } } }, { i: "AKIA", k: "x" });
      assert.deepEqual(at(keyed, "aws.auth.secretRef"), {
        accessKeyIDSecretRef: key("accessKeyId"),
        secretAccessKeySecretRef: key("secretAccessKey"),
      });
    });

    it("reads from Google Cloud", async () => {
      assert.deepEqual(await provider({ gcp: { projectId: "p" } }), { gcpsm: { projectID: "p" } });
      const keyed = await provider({ gcp: { projectId: "p", secrets: { serviceAccountKey: "g" } } }, { g: "{}" });
      assert.deepEqual(at(keyed, "gcpsm.auth.secretRef.secretAccessKeySecretRef"), key("serviceAccountKey"));
    });

    it("reads from Azure", async () => {
      const vaultUrl = "https://stackyard.vault.azure.net";
      assert.deepEqual(await provider({ azure: { vaultUrl } }), {
        azurekv: { vaultUrl, authType: "WorkloadIdentity", serviceAccountRef: account },
      });
      assert.deepEqual(await provider({ azure: { vaultUrl, identityId: "i" } }), {
        azurekv: { vaultUrl, authType: "ManagedIdentity", identityId: "i" },
      });
      const secrets = { clientId: "i", clientSecret: "k" };
      assert.deepEqual(await provider({ azure: { vaultUrl, tenantId: "t", secrets } }, { i: "c", k: "x" }), {
        azurekv: {
          vaultUrl,
          tenantId: "t",
          authType: "ServicePrincipal",
          authSecretRef: { clientId: key("clientId"), clientSecret: key("clientSecret") },
        },
      });
    });

    it("reads from Vault", async () => {
      const server = "https://vault.example.com:8200";
      assert.deepEqual(await provider({ vault: { server, role: "stackyard" } }), {
        vault: {
          server,
          path: "secret",
          version: "v2",
          auth: { kubernetes: { mountPath: "kubernetes", role: "stackyard", serviceAccountRef: account } },
        },
      });
      const token = await provider({ vault: { server, secrets: { token: "t" } } }, { t: "hvs.x" });
      assert.deepEqual(at(token, "vault.auth"), { tokenSecretRef: key("token") });
    });

    it("has the file's own values for development", async () => {
      assert.deepEqual(await provider({ fake: { data: { a: "1", b: "2" } } }), {
        fake: {
          data: [
            { key: "a", value: "1" },
            { key: "b", value: "2" },
          ],
        },
      });
    });

    it("stays on the cluster when the operator goes, as do the kinds", async () => {
      const { resources } = await planned({ externalSecrets: {} });
      const annotations = at(named(resources, "platform-external-secrets"), "values.crds.annotations") as Record<string, string>;
      assert.equal(annotations["helm.sh/resource-policy"], "keep");
    });
  });

  it("show no secret in clear", async () => {
    const secretValues = { token: "hunter-1", key: "hunter-2", id: "hunter-3" };
    const { resources } = await planned({
      certManager: {
        issuers: {
          le: { ...issuer, http01: false, dns01: { cf: { zones: ["example.com"], cloudflare: { secrets: { apiToken: "token" } } } } },
        },
      },
      externalSecrets: { store: { aws: { region: "eu-central-1", secrets: { accessKeyId: "id", secretAccessKey: "key" } } } },
      prometheus: {},
      loki: { s3: { bucket: "logs", endpoint: "https://minio.example.com", secrets: { accessKeyId: "id", secretAccessKey: "key" } } },
      secretValues,
    });
    assert.ok(!JSON.stringify(resources.map(({ inputs }) => inputs)).includes("hunter"));
    assert.ok(JSON.stringify(resources.map(({ values }) => values)).includes("hunter-1"));
    const loki = at(named(resources, "platform-loki"), "values");
    assert.deepEqual(at(loki, "singleBinary.extraEnvFrom"), [{ secretRef: { name: "platform-loki-s3-made" } }]);
    assert.deepEqual(at(loki, "loki.storage.s3"), {
      region: "us-east-1",
      endpoint: "minio.example.com",
      insecure: false,
      s3ForcePathStyle: true,
    });
  });
});
