import { ChartRefusal, chartRefusals, ChartSource, Lacks } from "../kubernetes/chart-options";
import { Shape, StarterShape } from "./shape-options";
import { Component, keepsKeyFiles, ownSourceOf } from "./source-options";

/** What the starter's own chart (seed 004, contract 4) cannot express of the starter's options. */

export const StarterChartSource = ChartSource("starter", 600);

const COMPONENTS: readonly Component[] = ["api", "web", "worker"];
const PROBES = "its probes are fixed";
const NO_VOLUMES = "its pods have no volumes";
const PORT = "it moves the container's port, too, which the program cannot";
const NO_WORD = "its values have no word for it";
const NO_SPREAD = "it does not spread its pods";
const NO_MIGRATION = "it runs no migration";
const NO_DRAIN = "its pods have no preStop hook and Kubernetes' own 30 seconds to stop";

const NO_GATEWAY = "it is reached by an Ingress";

const LACKS: Lacks = {
  ...Object.fromEntries(
    COMPONENTS.flatMap((component) => [
      [`${component}.livenessProbe`, PROBES],
      [`${component}.readinessProbe`, PROBES],
      [`${component}.startupProbe`, PROBES],
      [`${component}.writablePaths`, NO_VOLUMES],
      [`${component}.writableSize`, NO_VOLUMES],
    ]),
  ),
  "api.service.port": PORT,
  "web.service.port": PORT,
  "api.service.annotations": NO_WORD,
  "web.service.annotations": NO_WORD,
  "migrations.enabled": { because: `${NO_MIGRATION}: run it yourself before each up`, needs: false },
  "migrations.command": NO_MIGRATION,
  "migrations.skipWhenAhead": NO_MIGRATION,
  "migrations.backoffLimit": NO_MIGRATION,
  "migrations.activeDeadlineSeconds": NO_MIGRATION,
  "migrations.resources": NO_MIGRATION,
  "ingress.gateway": NO_GATEWAY,
  "networkPolicy.gatewayProxy": NO_GATEWAY,
  "externalSecrets.revision": NO_WORD,
  reloader: NO_WORD,
  keyStore: NO_VOLUMES,
  "serviceAccount.automount": { because: "its pods mount the token", needs: true },
  "securityContext.readOnlyRootFilesystem": { because: `${NO_VOLUMES}, and the programs write`, needs: false },
  "topologySpreadConstraints.enabled": { because: NO_SPREAD, has: false },
  "topologySpreadConstraints.maxSkew": NO_SPREAD,
  "topologySpreadConstraints.topologyKey": NO_SPREAD,
  "topologySpreadConstraints.whenUnsatisfiable": NO_SPREAD,
  drainSeconds: NO_DRAIN,
  terminationGracePeriodSeconds: NO_DRAIN,
};

const defaults = () => StarterShape.parse({ api: { image: "image:1" }, web: { image: "image:1" }, ingress: { enabled: false } });

function* secretRefusals(options: Shape): Iterable<ChartRefusal> {
  for (const component of COMPONENTS) {
    if (ownSourceOf(options, component).kind === "existing") {
      const message = `cannot be had of the chart: it takes single keys of a Secret only. Name them in externalSecrets.${component}.data, or give the values in ${component}.secrets`;
      yield { path: [component, "secretName"], message };
    }
    for (const [name, ref] of Object.entries(options.externalSecrets[component].data)) {
      if (typeof ref === "string" || (ref.property === undefined && ref.version === undefined)) continue;
      const message =
        "cannot be had of the chart: it takes a secret of the provider whole, in its newest version. Write its identifier only";
      yield { path: ["externalSecrets", component, "data", name], message };
    }
  }
}

/** Every option that the chart cannot express as it is set. */
export const starterChartRefusals = (options: Shape): ChartRefusal[] => {
  const { apiHosts, apiTls, tls } = options.ingress;
  const hosts = String(options.api.env["ALLOWED_HOSTS"] ?? "").split(",");
  return [
    ...chartRefusals(LACKS, options, defaults()),
    ...secretRefusals(options),
    ...(keepsKeyFiles(options)
      ? [
          {
            path: ["api", "env", "AUTH_KEY_STORAGE_BACKEND"],
            message: `cannot be file in the chart: ${NO_VOLUMES}, so that the signing keys would be gone with each pod. Write secret-manager`,
          },
        ]
      : []),
    ...(hosts.some((host) => host.trim() === "*")
      ? []
      : [
          {
            path: ["api", "env", "ALLOWED_HOSTS"],
            message:
              'has to have "*" in the chart: its probes ask under the pod\'s address, which the API would refuse, so that no pod got ready. Set it to "*"',
          },
        ]),
    ...(apiHosts.length > 0 && apiTls.length === 0 && tls.length > 0
      ? [
          {
            path: ["ingress", "apiTls"],
            message: "cannot be empty in the chart: it would serve apiHosts with web's certificates. Name their own",
          },
        ]
      : []),
  ];
};
