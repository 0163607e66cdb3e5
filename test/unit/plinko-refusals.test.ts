import { strict as assert } from "node:assert";
import { PlinkoInput } from "../../components/plinko/options";
import { planOf } from "../../components/plinko/plan";
import { refusals } from "./components/engine";
import { given, merged } from "./plinko-given";

const refused = (options: PlinkoInput) => refusals(() => planOf("plinko", merged(given, options)));

describe("options of Plinko are refused, with what to do", () => {
  const wrong: [what: string, options: PlinkoInput, reason: RegExp][] = [
    [
      "ReadWriteMany of Vultr's block storage",
      { global: { storageClass: "vultr-block-storage" }, persistence: { accessMode: "ReadWriteMany" } },
      /^persistence.accessMode: .*"vultr-block-storage".*one node only.*vultr-vfs-storage.*ReadWriteOnce/,
    ],
    [
      "ReadWriteMany of its twin",
      { global: { storageClass: "vultr-block-storage-hdd-retain" }, persistence: { accessMode: "ReadWriteMany" } },
      /one node only/,
    ],
    [
      "ReadWriteMany of nobody knows what",
      { persistence: { accessMode: "ReadWriteMany" } },
      /^persistence.accessMode: .*name it in global.storageClass/,
    ],
    ["an image without tag", { plinkoPirServer: { image: { tag: undefined } } }, /^plinkoPirServer.image.tag: is missing/],
    ["a balance in wei", { ethMock: { balance: 1e19 } }, /^ethMock.balance: .*write whole ether, 1 to 18/],
    ["a size in scientific notation", { config: { dbSize: "8.388608e+06" as never } }, /^config.dbSize: .*whole number/],
    [
      "more pods than there may be",
      { cdnMock: { autoscaling: { minReplicas: 11 } } },
      /^cdnMock.autoscaling.minReplicas: 11 is more than maxReplicas \(10\)/,
    ],
    [
      "nothing to scale by",
      { rabbyWallet: { autoscaling: { targetCPUUtilizationPercentage: null } } },
      /^rabbyWallet.autoscaling.enabled: has no metric/,
    ],
    [
      "a budget that no node could be drained with",
      { plinkoPirServer: { podDisruptionBudget: { minAvailable: 2 } } },
      /^plinkoPirServer.podDisruptionBudget.minAvailable: 2 of 2 pods/,
    ],
    ["a node label without value", { nodeSelector: { "kubernetes.io/hostname": "" } }, /^nodeSelector.kubernetes.io\/hostname: is empty/],
    [
      "load balancer annotations on the Ingress",
      { ingress: { annotations: { "service.beta.kubernetes.io/vultr-loadbalancer-protocol": "tcp" } } },
      /does nothing on an Ingress: it belongs on the Service of the ingress controller/,
    ],
    ["TLS without a host", { global: { tls: { enabled: true } } }, /^global.tls.enabled: has no host/],
    [
      "a certificate for who knows whom",
      { ingress: { tls: [{ secretName: "a", hosts: ["a.example.com"] }] } },
      /^ingress.tls.0.hosts: "a.example.com" is not served/,
    ],
    [
      "an issuer with nothing to issue",
      { ingress: { clusterIssuer: "letsencrypt" } },
      /^ingress.clusterIssuer: "letsencrypt" has no certificate/,
    ],
    [
      "domain and hosts",
      { global: { domain: "example.com" }, ingress: { hosts: [{ paths: [{ service: "rabby-wallet" }] }] } },
      /^global.domain: "example.com" would be ignored/,
    ],
    [
      "an unknown service",
      { ingress: { hosts: [{ paths: [{ service: "eth-mock" as never }] }] } },
      /write rabby-wallet, pir-server, cdn-mock/,
    ],
    ["a path with a pattern in it", { ingress: { hosts: [{ paths: [{ path: "/(.*)", service: "pir-server" }] }] } }, /is no plain path/],
    [
      "an address that sed would stumble over",
      { rabbyWallet: { fallbackRpc: "https://a|b" } },
      /^rabbyWallet.fallbackRpc: .*is no address/,
    ],
    [
      "a volume that is smaller than any of its class",
      { global: { storageClass: "vultr-block-storage-retain" }, persistence: { size: "5Gi" } },
      /^persistence.size: 5Gi is less than the smallest volume of class "vultr-block-storage-retain": set it to 10Gi or more$/,
    ],
    ["an option that there is none of", { persistence: { enabled: false } as never }, /^persistence.enabled: is no option/],
  ];
  for (const [what, options, reason] of wrong) {
    it(what, () => {
      const reasons = refused(options);
      assert.equal(reasons.length, 1, reasons.join("\n"));
      assert.match(reasons[0] ?? "", reason);
    });
  }

  it("all of them at once", () => {
    assert.deepEqual(
      refused({ ethMock: { balance: 0 }, nodeSelector: { a: "" }, cdnMock: { cacheMaxAge: -1 } }).map((reason) => reason.split(":")[0]),
      ["nodeSelector.a", "ethMock.balance", "cdnMock.cacheMaxAge"],
    );
  });
});
