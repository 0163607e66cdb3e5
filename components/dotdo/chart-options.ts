import { ChartRefusal, chartRefusals, ChartSource, imageRefusals, Lacks } from "../kubernetes/chart-options";
import { DotdoOptions, DotdoPlan } from "./options";

/** What dotdo's own chart (seed 000, contract 1) cannot express of dotdo's options. */

/** Helm waits for a rollout of up to hundreds of pods. */
export const DotdoChartSource = ChartSource("dotdo", 900);

/** Folders that the chart always makes writable. */
export const CHART_WRITABLE = ["/tmp", "/home/node/.cache"];

/** Variables that the chart hands on: it lists them one by one, and drops any other. */
export const CHART_ENV = [
  "NODE_ENV",
  "LOG_LEVEL",
  "TURSO_URL",
  "R2_ENDPOINT",
  "R2_BUCKET",
  "REDIS_URL",
  "DO_MAX_CONCURRENT",
  "DO_IDLE_TIMEOUT",
  "DO_RPC_TIMEOUT",
];

const NO_ROLLOUT = "it sets neither strategy nor deadline of the rollout (chart.timeoutSeconds is how long Helm waits)";
const NO_DRAIN = "its pods have no preStop hook and Kubernetes' own 30 seconds to stop";

const NO_GATEWAY = "it is reached by an Ingress";

const LACKS: Lacks = {
  labels: "it labels its objects by itself",
  "service.labels": "it labels its Services by itself",
  extraEnvFrom: "it takes variables from its own ConfigMap only",
  "env.CLOUDFLARE_INCLUDE_PROCESS_ENV": "it lists its variables one by one, and this is none of them",
  home: "it lists its variables one by one, and HOME is none of them",
  "ingress.gateway": NO_GATEWAY,
  "networkPolicy.gatewayProxy": NO_GATEWAY,
  "prometheus.path": "it writes /metrics",
  strategy: NO_ROLLOUT,
  progressDeadlineSeconds: NO_ROLLOUT,
  drain: NO_DRAIN,
  terminationGracePeriodSeconds: NO_DRAIN,
  fly: "it lists its variables one by one, and FLY_REGION and FLY_APP_NAME are none of them",
};

const defaults = () => DotdoOptions.parse({ image: { tag: "1" } });

/**
 * Every option that the chart cannot express as it is set.
 *
 * @param env names of all variables that are given, also of those whose values are known only later
 */
export const dotdoChartRefusals = (options: DotdoPlan, env = Object.keys(options.env)): ChartRefusal[] => {
  const known = [...CHART_ENV, ...Object.keys(DotdoOptions.shape.env.unwrap().shape)];
  return [
    ...imageRefusals(["image"], options.image),
    ...chartRefusals(LACKS, options, defaults()),
    ...env
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: ["env", name],
        message: `cannot be had of the chart: it hands on ${CHART_ENV.join(", ")} and no other variable. Leave it out`,
      })),
    ...(options.writablePaths.includes("/tmp")
      ? []
      : [{ path: ["writablePaths"], message: "cannot be had of the chart: it makes /tmp writable, always. Add /tmp" }]),
  ];
};
