import { strict as assert } from "node:assert";
import { Plinko } from "../../components/plinko";
import { PlinkoInput } from "../../components/plinko/options";
import { at, named, plan, Planned, refusals, valueOf } from "./components/engine";
import { child, given, merged, planned, RWX } from "./plinko-given";

const WORKLOADS = ["eth-mock", "db-generator", "hint-generator", "update-service", "pir-server", "cdn-mock", "rabby-wallet"];
const POD = "spec.template.spec";

/** Each leaf of a value with its path. */
const leavesOf = (value: unknown, path = ""): [path: string, leaf: unknown][] =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, `${path}/${key}`))
    : [[path, value]];

describe("Plinko", function () {
  this.timeout(20_000); // on a machine that is busy

  it("keeps the type and name of each child: someone's state holds them", async () => {
    const kinds = (resources: Planned[]) => resources.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort();
    assert.deepEqual(kinds(await planned(RWX)), [
      "ConfigMap plinko-cdn-mock-config",
      "ConfigMap plinko-rabby-wallet-config",
      ...["cdn-mock", "eth-mock", "pir-server", "rabby-wallet", "update-service"].map((part) => `Deployment plinko-${part}`),
      ...["cdn-mock", "pir-server", "rabby-wallet"].map((part) => `HorizontalPodAutoscaler plinko-${part}-autoscaler`),
      "Ingress plinko-ingress",
      "Job plinko-db-generator",
      "Job plinko-hint-generator",
      "Namespace plinko-namespace",
      ...[...WORKLOADS].sort().map((part) => `NetworkPolicy plinko-${part}-network-policy`),
      "PersistentVolumeClaim plinko-claim",
      "Plinko plinko",
      ...["cdn-mock", "pir-server", "rabby-wallet"].map((part) => `PodDisruptionBudget plinko-${part}-budget`),
      ...["cdn-mock", "eth-mock", "pir-server", "rabby-wallet", "update-service"].map((part) => `Service plinko-${part}-service`),
    ]);
  });

  it("names every wrong argument at once, before anything is planned", async () => {
    let refused: string[] = [];
    const resources = await plan(() => (refused = refusals(() => new Plinko("plinko", { ethMock: { balance: 99 } }))));
    assert.deepEqual(
      refused.map((text) => text.split(":")[0]),
      [
        "ethMock.balance",
        ...["dbGenerator", "hintGenerator", "plinkoUpdateService", "plinkoPirServer", "rabbyWallet"].map((part) => `${part}.image.tag`),
      ],
    );
    assert.deepEqual(resources, []);
  });

  it("says its addresses and names", async () => {
    let plinko: Plinko | undefined;
    await plan(() => (plinko = new Plinko("plinko", { ...merged(given, { global: { domain: "example.com" } }) })));
    assert.ok(plinko);
    assert.equal(await valueOf(plinko.url), "http://plinko-rabby-wallet.plinko.svc:80");
    assert.deepEqual(
      await valueOf(plinko.hostUrls),
      ["wallet", "api", "cdn"].map((label) => `http://plinko-${label}.example.com`),
    );
    assert.equal((await valueOf(plinko.services))["pir-server"], "plinko-pir-server");
    assert.equal(await valueOf(plinko.claim), "plinko-data-rwo");
    assert.match((await valueOf(plinko.jobs)).join(), /^plinko-db-generator-[0-9a-f]{10},plinko-hint-generator-[0-9a-f]{10}$/);
  });

  it("lets its caller change one field of a child and keeps the rest", async () => {
    const resources = await planned(
      {},
      {
        pirServer: (pods) => void (pods.spec.template.spec.containers[0]!.image = "mirror.example.com/pir:1"),
        services: { "cdn-mock": (service) => void (service.metadata.annotations["a"] = "b") },
      },
    );
    const pods = named(resources, "plinko-pir-server");
    assert.equal(at(pods, `${POD}.containers.0.image`), "mirror.example.com/pir:1");
    assert.equal(at(pods, "metadata.name"), "plinko-pir-server");
    assert.equal(at(named(resources, "plinko-cdn-mock-service"), "metadata.annotations.a"), "b");
  });

  it("writes out every number: 8388608, never 8.388608e+06", async () => {
    const leaves = (await planned({ dbGenerator: { concurrency: 1000000 } })).flatMap(({ name, inputs }) => leavesOf(inputs, name));
    const words = leaves.flatMap(([path, leaf]) =>
      String(leaf)
        .split(/[\s=,:"']+/)
        .map((word) => [path, word] as const),
    );
    assert.deepEqual(
      words.filter(([, word]) => /^\d+(\.\d+)?e[+-]?\d+$/i.test(word)),
      [],
    );
    assert.ok(words.some(([path, word]) => path.includes("eth-mock") && word === "8388608"));
    assert.ok(
      words.some(([, word]) => word === "67108864"),
      "bytes of database.bin",
    );
    assert.ok(
      words.some(([, word]) => word === "201326592"),
      "bytes of address-mapping.bin",
    );
  });

  it("asks for nothing that the API server does not keep: a refresh would take it for a change, and run Jobs again", async () => {
    // these are kept although they are empty or zero
    const KEPT =
      /(emptyDir|allowPrivilegeEscalation|automountServiceAccountToken|enableServiceLinks|maxUnavailable|stabilizationWindowSeconds)$/;
    const isNothing = (leaf: unknown) => leaf === 0 || leaf === false || leaf === "" || (typeof leaf === "object" && leaf !== null);
    const objects = (await planned()).filter(({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":NetworkPolicy"));
    const leaves = objects.flatMap(({ name, inputs }) => leavesOf(inputs, name));
    assert.deepEqual(
      leaves.filter(([path, leaf]) => isNothing(leaf) && !KEPT.test(path)),
      [],
    );
  });

  it("runs every container restricted, and none as root", async () => {
    const resources = await planned();
    for (const part of WORKLOADS) {
      const spec = at(named(resources, `plinko-${part}`), POD);
      const containers = [at(spec, "initContainers"), at(spec, "containers")].flat().filter(Boolean);
      assert.ok(containers.length > 0);
      for (const container of containers) {
        assert.deepEqual(at(container, "securityContext"), {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        });
        assert.match(String(at(container, "image")), /:[^:/]*\d/);
      }
      assert.ok(Number(at(spec, "securityContext.runAsUser")) > 0);
      assert.equal(at(spec, "securityContext.fsGroup"), 1000);
      assert.equal(at(spec, "enableServiceLinks"), false);
      assert.equal(at(spec, "automountServiceAccountToken"), false);
    }
  });

  it("lets in and out only who has to", async () => {
    const resources = await planned();
    const ends = (part: string, direction: "ingress" | "egress") =>
      ((at(named(resources, `plinko-${part}-network-policy`), `spec.${direction}`) ?? []) as object[]).flatMap((rule) =>
        ((at(rule, direction === "ingress" ? "from" : "to") ?? ["anybody"]) as object[]).map((peer) => {
          const labels = (at(peer, "podSelector.matchLabels") ?? {}) as Record<string, string>;
          const namespace = (at(peer, "namespaceSelector.matchLabels") ?? {}) as Record<string, string>;
          const ports = ((at(rule, "ports") ?? []) as { port: number }[]).map(({ port }) => port);
          return `${labels["app.kubernetes.io/component"] ?? labels["k8s-app"] ?? namespace["kubernetes.io/metadata.name"]} ${ports.join()}`;
        }),
      );
    const dns = "kube-dns 53,53";
    const expected: Record<string, [ingress: string[], egress: string[]]> = {
      "eth-mock": [["db-generator 8545", "update-service 8545"], [dns]],
      "db-generator": [[], [dns, "eth-mock 8545"]],
      "hint-generator": [[], [dns]],
      "update-service": [[], [dns, "eth-mock 8545"]],
      "pir-server": [["rabby-wallet 3000", "ingress-nginx 3000"], [dns]],
      "cdn-mock": [["rabby-wallet 8080", "ingress-nginx 8080"], [dns]],
      "rabby-wallet": [["ingress-nginx 8080"], [dns, "pir-server 3000", "cdn-mock 8080"]],
    };
    for (const [part, both] of Object.entries(expected)) assert.deepEqual([ends(part, "ingress"), ends(part, "egress")], both, part);
    assert.ok(!(await planned({ networkPolicy: { enabled: false } })).some(({ name }) => name.endsWith("-network-policy")));
  });

  it("leads the wallet to the services that it deploys, by their full names", async () => {
    const config = async (options?: PlinkoInput) =>
      String((at(await child("rabby-wallet-config", options), "data") as Record<string, string>)["nginx.conf"]);
    assert.match(await config(), /set \$upstream plinko-pir-server\.plinko\.svc\.cluster\.local:3000;/);
    assert.match(await config(), /set \$upstream plinko-cdn-mock\.plinko\.svc\.cluster\.local:8080;/);
    const other: PlinkoInput = {
      clusterDomain: "k8s.local",
      cdnMock: { service: { port: 81 } },
      fullnameOverride: "pp",
      namespace: { name: "private" },
    };
    assert.match(await config(other), /set \$upstream pp-cdn-mock\.private\.svc\.k8s\.local:81;/);
  });

  it("replaces one pod after the other, but never has two of what would disturb each other", async () => {
    const resources = await planned();
    for (const part of ["pir-server", "cdn-mock", "rabby-wallet"]) {
      assert.deepEqual(at(named(resources, `plinko-${part}`), "spec.strategy.rollingUpdate"), { maxSurge: 1, maxUnavailable: 0 });
      assert.ok(at(named(resources, `plinko-${part}`), `${POD}.containers.0.lifecycle.preStop`));
    }
    for (const part of ["eth-mock", "update-service"])
      assert.deepEqual(at(named(resources, `plinko-${part}`), "spec.strategy"), { type: "Recreate" });
  });

  it("asks the update service itself, not a folder that is always there", async () => {
    const container = at(await child("update-service"), `${POD}.containers.0`);
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
      assert.equal(at(container, `${probe}.httpGet.path`), "/health");
  });
});
