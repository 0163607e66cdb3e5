import { eachLeaf, isPath, releaseOf, sourceOf } from "../release";
import { each, objectRule } from "../rule";
import { secretShapeOf } from "../secret";

/** Repository and chart of what the platform installs (components/platform/versions.ts). */
export const CHARTS = [
  "https://charts.jetstack.io/cert-manager",
  "https://charts.jetstack.io/trust-manager",
  "oci://docker.io/envoyproxy/gateway-helm",
  "https://charts.external-secrets.io/external-secrets",
  "https://prometheus-community.github.io/helm-charts/kube-prometheus-stack",
  "https://prometheus-community.github.io/helm-charts/prometheus-adapter",
  "https://grafana-community.github.io/helm-charts/loki",
  "https://grafana.github.io/helm-charts/alloy",
  "https://kubernetes-sigs.github.io/metrics-server/metrics-server",
  "https://helm.linkerd.io/edge/linkerd-crds",
  "https://helm.linkerd.io/edge/linkerd-control-plane",
  "https://helm.linkerd.io/edge/linkerd2-cni",
  "https://piraeus.io/helm-charts/snapshot-controller",
  "https://vmware-tanzu.github.io/helm-charts/velero",
] as const;

/** The sandbox's own repository, and whatever else this machine serves to itself. */
const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d+\//;

const isAllowed = (source: string, allowed: readonly string[]): boolean =>
  allowed.some((chart) => (chart.endsWith("*") ? source.startsWith(chart.slice(0, -1)) : source === chart));

export const chartAllowed = objectRule({
  id: "chart-allowed",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "Whoever can publish under a chart's address decides what runs in the cluster, and no preview shows its objects.",
  remedy:
    "Take a chart of the list, or add its repository and name to `further` of this rule's values in stackyard:policy (with * at the end, all that begin so).",
  source: "issue: charts by an allow-list; Pulumi, Release: previews show a chart's values only",
  values: { charts: CHARTS, further: [] as readonly string[] },
  check: (object, report, { charts, further }) => {
    const release = releaseOf(object);
    if (release === undefined) return;
    const source = sourceOf(release);
    if (isPath(source) || LOOPBACK.test(source) || isAllowed(source, [...charts, ...further])) return;
    report({ field: "chart", problem: `is ${source}, and has to be one that is allowed` });
  },
});

const FULL = /^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
/** An archive that is named by its address names its version there. */
const ARCHIVE = /-v?\d+\.\d+\.\d+[\w.+-]*\.tgz$/;

export const chartVersion = objectRule({
  id: "chart-version",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "A chart without a whole version is another one tomorrow, and two clusters of one config run different things.",
  remedy: "Write the whole version, such as 1.2.3.",
  source: "docs/charts.md: there are no ranges; Helm best practices",
  check: (object, report) => {
    const release = releaseOf(object);
    if (release === undefined) return;
    const source = sourceOf(release);
    const { version } = release;
    if (isPath(source) || (version === undefined ? ARCHIVE.test(source) : FULL.test(version))) return;
    report({ field: "version", problem: `is ${version ?? "missing"}, and has to be a whole one` });
  },
});

export const chartImageTags = objectRule({
  id: "chart-image-tags",
  family: "releases",
  severity: "high",
  reason: "An image without a version is another one tomorrow, and a rollback of the release does not bring the old one back.",
  remedy: "Name a tag that is never moved, or a digest; left out, the chart's own version is taken.",
  source: "contract 1.2; Kyverno disallow-latest-tag; kube-linter latest-tag",
  check: (object, report) =>
    eachLeaf(releaseOf(object)?.values, ({ field, key, value, beside }) => {
      if (typeof value !== "string") return;
      const isLatest = (key === "tag" || key === "imageTag") && value === "latest";
      const isImage = key === "image" && value !== "" && beside["tag"] === undefined;
      const isUnpinned = isImage && !value.includes("@") && (!/:[^:/]+$/.test(value) || value.endsWith(":latest"));
      if (isLatest || isUnpinned) report({ field, problem: `is "${value}", and has to name a version` });
    }),
});

/** Names of charts' values that hold a secret, as they are spelt there: `adminPassword`. What only names a Secret, `existingSecret`, is none. */
const SECRET_VALUE = /(^|[_.-])(token|password|passwd|secret|(api|access|secret|private|auth)[_-]?key|credentials?)$/i;
const CAMEL_SECRET = /(Password|Passwd|Token|(Api|Access|Secret|Private|Auth)Key|[cC]lientSecret)$/;
/** The starter's chart takes secrets as values only; the component marks them as secret (docs/charts.md). */
const STARTER_SECRETS = /^values\.(api|web|worker)\.secrets\./;

export const chartSecrets = objectRule({
  id: "chart-secrets",
  family: "releases",
  severity: "critical",
  reason: "Helm keeps all values of a release in each of its revisions, and whoever may see a preview reads them.",
  remedy: "Keep it in a Secret, and give the chart its name.",
  source: "contract 1.3; Polaris sensitiveConfigmapContent; Helm, Secrets of releases",
  check: (object, report) =>
    eachLeaf(releaseOf(object)?.values, ({ field, key, value }) => {
      if (typeof value !== "string" || value === "") return;
      const shape = secretShapeOf(value);
      if (shape === undefined && !SECRET_VALUE.test(key) && !CAMEL_SECRET.test(key)) return;
      if (object.isPartOf("stackyard:starter:StarterChart") && STARTER_SECRETS.test(field)) return;
      report({ field, problem: shape === undefined ? "is in clear" : `holds ${shape} in clear` });
    }),
});

/** What a release must not be told, and what comes of it. */
const HARMFUL: Readonly<Record<string, string>> = {
  skipAwait: "ends the update before anything runs",
  disableOpenapiValidation: "has nobody look at the chart's objects before they are made",
  forceUpdate: "deletes objects and makes them anew, and what they hold goes with them",
  replace: "takes the name of a release that is there, and its objects with it",
  devel: "takes versions that are not finished",
  valueYamlFiles: "has values that no preview and no rule sees",
};

export const chartOptions = objectRule({
  id: "chart-options",
  family: "releases",
  severity: "medium",
  reason: "A release that nobody waits for or checks is called up to date while it is not.",
  remedy: "Leave the option out, and give values in `values`.",
  source: "Pulumi, kubernetes.helm.v3.Release: skipAwait, replace (unsafe in production), forceUpdate, disableOpenapiValidation",
  check: (object, report) => {
    const release = releaseOf(object);
    if (release === undefined) return;
    each(Object.keys(HARMFUL), (option) => {
      const value = release[option];
      if (value === true || (Array.isArray(value) && value.length > 0))
        report({ field: option, problem: `is set, which ${HARMFUL[option]}` });
    });
  },
});
