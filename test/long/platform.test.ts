import { strict as assert } from "node:assert";
import { Platform, type PlatformArgs } from "../../components/platform";
import { CHARTS } from "../../components/platform/versions";
import { at, named, refusals, valueOf } from "../unit/components/engine";
import { everything, kinds, planned } from "../unit/platform-given";

const enforced = (namespace: unknown) => at(namespace, "metadata.labels") as Record<string, string>;
const POD_SECURITY = "pod-security.kubernetes.io/enforce";

/** Everything but some parts. */
const without = (...parts: (keyof typeof everything)[]): PlatformArgs =>
  Object.fromEntries(Object.entries(everything).filter(([part]) => !parts.some((left) => left === part)));

/** Chart of each release, by the release's name, with its place. */
const releases = async (args: PlatformArgs) => {
  const { resources } = await planned(args);
  const plain = kinds(resources, "Release").map(({ inputs }) => inputs);
  const packed = kinds(resources, "CertManager").map(({ inputs }) => at(inputs, "helmOptions"));
  return [...plain, ...packed].map((inputs) => ({
    chart: at(inputs, "chart") as string,
    version: at(inputs, "version") as string,
    repository: at(inputs, "repositoryOpts.repo") as string,
    namespace: at(inputs, "namespace") as string,
  }));
};

describe("platform", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  it("installs nothing that is not asked for", async () => {
    const { resources, platform } = await planned({});
    assert.deepEqual(
      resources.map(({ type }) => type),
      ["stackyard:platform:Platform"],
    );
    assert.deepEqual(
      [platform.gateway, platform.monitoring, platform.secretStore, platform.linkerd],
      [undefined, undefined, undefined, undefined],
    );
  });

  it("installs every chart at the version and from the repository that are pinned", async () => {
    const found = await releases(everything);
    assert.equal(found.length, Object.keys(CHARTS).length);
    for (const { chart, repository, version } of Object.values(CHARTS)) {
      const isOci = repository.startsWith("oci://");
      const release = found.find((release) => release.chart === (isOci ? `${repository}/${chart}` : chart));
      assert.deepEqual([release?.version, release?.repository], [version, isOci ? "" : repository], chart);
    }
  });

  it("takes one part's version from the options", async () => {
    const found = await releases({ metricsServer: { version: "3.13.0" } });
    assert.deepEqual(
      found.map(({ chart, version }) => [chart, version]),
      [["metrics-server", "3.13.0"]],
    );
  });

  it("takes all charts from one mirror where it is named", async () => {
    const plain = await releases({ ...everything, chartRepository: "https://charts.internal" });
    assert.deepEqual(new Set(plain.map(({ repository }) => repository)), new Set(["https://charts.internal"]));
    assert.ok(plain.every(({ chart }) => /^[a-z0-9-]+$/.test(chart)));
    const oci = await releases({ ...everything, chartRepository: "oci://registry.internal/charts" });
    assert.ok(oci.every(({ chart, repository }) => /^oci:\/\/registry\.internal\/charts\/[a-z0-9-]+$/.test(chart) && repository === ""));
  });

  it("puts each chart into a namespace that enforces pod security, the strictest that its pods can have", async () => {
    const { resources } = await planned(everything);
    const levels = new Map(
      kinds(resources, "Namespace").map(({ inputs }) => [at(inputs, "metadata.name") as string, enforced(inputs)[POD_SECURITY]]),
    );
    const privileged = [...levels].filter(([, level]) => level !== "restricted");
    assert.deepEqual(privileged.sort(), [
      ["linkerd-cni", "privileged"],
      ["node-exporter", "privileged"],
      ["velero", "privileged"],
    ]);
    for (const { chart, namespace } of await releases(everything))
      assert.ok(levels.has(namespace), `${chart} is in ${namespace}, which is not made`);
  });

  it("lets Linkerd change the network of its own pods only where it has no CNI plugin", async () => {
    const { resources } = await planned({ ...everything, linkerd: { cni: { enabled: false } } });
    assert.equal(enforced(named(resources, "platform-linkerd-namespace"))[POD_SECURITY], "privileged");
    assert.equal(at(named(resources, "platform-linkerd-control-plane"), "values.cniEnabled"), false);
    assert.ok(resources.every(({ name }) => !name.includes("cni")));
  });

  it("installs nothing of what is there already but the systems' alerts and dashboards, and names it all the same", async () => {
    const there = { existing: true } as const;
    const { resources, platform } = await planned({
      certManager: { ...there, existingIssuers: ["corporate"] },
      edge: { gateway: { ...there, name: "shared", namespace: "gateways", className: "cloud" } },
      externalSecrets: { ...there, store: { ...there, name: "vault" } },
      prometheus: { ...there, serviceMonitorLabels: { release: "prometheus" } },
      prometheusAdapter: there,
      loki: { ...there, url: "https://loki.example.com" },
      metricsServer: there,
      linkerd: there,
      snapshotController: there,
      velero: { ...there, namespace: "backups", snapshots: true },
      storageClasses: { "vultr-block-storage": { existing: true, default: true } },
    });
    assert.deepEqual(
      [...new Set(resources.map(({ type }) => type))],
      ["stackyard:platform:Platform", "kubernetes:core/v1:ConfigMap", "kubernetes:monitoring.coreos.com/v1:PrometheusRule"],
    );
    for (const { name } of resources.slice(1)) assert.match(name, /^platform-(dotdo|fluxiondb|plinko|starter)-(alerts|dashboard)$/);
    assert.deepEqual(platform.issuers, ["corporate"]);
    assert.equal(platform.secretStore, "vault");
    assert.equal(platform.lokiUrl, "https://loki.example.com");
    assert.equal(platform.defaultStorageClass, "vultr-block-storage");
    assert.deepEqual(platform.backups, { namespace: "backups", snapshots: true });
    assert.equal(platform.resourceMetrics, true);
    assert.deepEqual(platform.customMetrics, ["dotdo_active_instances", "dotdo_requests_per_second"]);
    assert.deepEqual(platform.monitoring, {
      prometheusUrl: "http://prometheus-operated.monitoring.svc:9090",
      serviceMonitorLabels: { release: "prometheus" },
      grafana: undefined,
    });
    assert.equal(await valueOf(platform.gateway!.name), "shared");
    assert.equal(await valueOf(platform.gateway!.namespace), "gateways");
  });

  it("has systems monitored, and its own parts, only where there is a Prometheus operator", async () => {
    const monitors = async (args: PlatformArgs) => {
      const { resources } = await planned(args);
      return [
        at(named(resources, "platform-cert-manager"), "helmOptions.values.prometheus.servicemonitor.enabled"),
        at(named(resources, "platform-external-secrets"), "values.serviceMonitor.enabled"),
        at(named(resources, "platform-loki"), "values.monitoring.serviceMonitor.enabled"),
        at(named(resources, "platform-alloy"), "values.serviceMonitor.enabled"),
        at(named(resources, "platform-velero"), "values.metrics.serviceMonitor.enabled"),
        at(named(resources, "platform-velero"), "values.metrics.prometheusRule.enabled"),
        at(named(resources, "platform-metrics-server"), "values.serviceMonitor.enabled"),
        at(named(resources, "platform-linkerd-control-plane"), "values.podMonitor.enabled"),
      ];
    };
    assert.deepEqual(await monitors(everything), [true, true, true, true, true, true, true, true]);
    assert.deepEqual(await monitors(without("prometheus", "prometheusAdapter")), [false, false, false, false, false, false, false, false]);
  });

  it("gives dotdo's autoscaler its two metrics, from the Prometheus that there is", async () => {
    const { resources } = await planned({
      prometheusAdapter: {},
      prometheus: { existing: true, url: "https://prometheus.example.com/tenant" },
    });
    const values = at(named(resources, "platform-prometheus-adapter"), "values");
    assert.deepEqual(at(values, "prometheus"), { url: "https://prometheus.example.com", port: 443, path: "/tenant" });
    const rules = at(values, "rules.custom") as { seriesQuery: string; name: { as: string }; metricsQuery: string }[];
    assert.deepEqual(
      rules.map(({ name }) => name.as),
      ["dotdo_active_instances", "dotdo_requests_per_second"],
    );
    assert.match(rules[1]?.seriesQuery ?? "", /^dotdo_requests_total\{/);
    assert.match(rules[1]?.metricsQuery ?? "", /^sum\(rate\(<<.Series>>\{<<.LabelMatchers>>\}\[120s\]\)\) by \(<<.GroupBy>>\)$/);
  });

  it("keeps the namespaces that hold metrics, logs and backups, and names them", async () => {
    const { platform } = await planned(everything);
    assert.deepEqual((await Promise.all(platform.keptNamespaces.map(valueOf))).sort(), ["loki", "monitoring", "velero"]);
  });

  it("takes Linkerd's certificates from cert-manager, and hands out the anchor without its key", async () => {
    const { resources } = await planned({ certManager: {}, linkerd: { clusterDomain: "example.local" } });
    const identity = named(resources, "platform-linkerd-identity");
    assert.equal(at(identity, "spec.commonName"), "identity.linkerd.example.local");
    assert.equal(at(identity, "metadata.namespace"), "linkerd");
    assert.equal(at(named(resources, "platform-linkerd-anchor"), "metadata.namespace"), "cert-manager");
    const anchor = at(named(resources, "platform-linkerd-anchor"), "spec.secretName");
    assert.equal(at(named(resources, "platform-linkerd-anchor-issuer"), "spec.ca.secretName"), anchor);
    assert.deepEqual(at(named(resources, "platform-linkerd-roots"), "spec.sources"), [{ secret: { name: anchor, key: "tls.crt" } }]);
    assert.equal(at(named(resources, "platform-linkerd-control-plane"), "values.identity.issuer.scheme"), "kubernetes.io/tls");
  });

  it("makes classes as they are asked for, and none that is there", async () => {
    const { resources } = await planned({
      storageClasses: {
        there: { existing: true },
        nvme: { provisioner: "block.csi.vultr.com", default: true, parameters: { disk_type: "block" } },
      },
    });
    const [made, ...others] = kinds(resources, "StorageClass");
    assert.deepEqual(others, []);
    assert.equal(at(made?.inputs, "provisioner"), "block.csi.vultr.com");
    assert.equal(at(made?.inputs, "reclaimPolicy"), "Retain");
    assert.equal(
      (at(made?.inputs, "metadata.annotations") as Record<string, string>)["storageclass.kubernetes.io/is-default-class"],
      "true",
    );
  });

  it("gives its caller the last word on a release and on a namespace", async () => {
    const { resources } = await planned({
      metricsServer: {},
      transform: {
        releases: { metricsServer: (args) => void (args.timeout = 60) },
        namespaces: { "metrics-server": ({ metadata }) => void (metadata.labels["team"] = "platform") },
      },
    });
    assert.equal(at(named(resources, "platform-metrics-server"), "timeout"), 60);
    assert.equal(at(named(resources, "platform-metrics-server-namespace"), "metadata.labels.team"), "platform");
  });

  it("refuses a secret whose value is not there, by the place that names it", () => {
    const store = { aws: { region: "eu-central-1", secrets: { accessKeyId: "id", secretAccessKey: "key" } } };
    assert.deepEqual(
      refusals(() => new Platform("platform", { externalSecrets: { store }, secretValues: { id: "AKIA" } })).map(
        (refusal) => refusal.split(":")[0],
      ),
      ["externalSecrets.store.aws.secrets.secretAccessKey"],
    );
  });
});
