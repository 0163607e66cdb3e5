import { ChartRefusal, chartRefusals, ChartSource, imageRefusals, Lacks } from "../kubernetes/chart-options";
import { FluxionDbOptions, FluxionDbPlan } from "./options";

/** What FluxionDB's own chart (seed 001, contract 2) cannot express of a tenant's options. */

/** Ten minutes: the database loads all its data when it starts. */
export const FluxionDbChartSource = ChartSource("fluxiondb", 600);

const UNDOCUMENTED = "its values have no word for it";
const NO_STARTUP = "it has no startup probe";

const NO_GATEWAY = "it is reached by an Ingress";

const LACKS: Lacks = {
  labels: UNDOCUMENTED,
  podLabels: UNDOCUMENTED,
  imagePullSecrets: UNDOCUMENTED,
  nodeSelector: UNDOCUMENTED,
  tolerations: UNDOCUMENTED,
  "service.annotations": UNDOCUMENTED,
  "serviceAccount.annotations": UNDOCUMENTED,
  "service.port": "it moves the container's port, too, which the program cannot",
  "ingress.gateway": NO_GATEWAY,
  "networkPolicy.gatewayProxy": NO_GATEWAY,
  "secret.key": "it reads the key secret-key, whatever its values say",
  "startupProbe.enabled": {
    because: `${NO_STARTUP}, so that a database whose data load for longer than the liveness probe waits would never start`,
    needs: false,
  },
  "startupProbe.initialDelaySeconds": NO_STARTUP,
  "startupProbe.periodSeconds": NO_STARTUP,
  "startupProbe.timeoutSeconds": NO_STARTUP,
  "startupProbe.failureThreshold": NO_STARTUP,
};

const defaults = () => FluxionDbOptions.parse({ user: "user", ram: "1Gi", image: { tag: "1" } });

/** Every option of a tenant that the chart cannot express as it is set. */
export const fluxionDbChartRefusals = (options: FluxionDbPlan): ChartRefusal[] => {
  const { create, name } = options.serviceAccount;
  return [
    ...imageRefusals(["image"], options.image),
    ...chartRefusals(LACKS, options, defaults()),
    ...(create && name !== undefined
      ? [
          {
            path: ["serviceAccount", "name"],
            message: "cannot be had of the chart: it names a ServiceAccount that it makes by itself. Leave it out",
          },
        ]
      : []),
  ];
};
