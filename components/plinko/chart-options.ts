import { ChartRefusal, chartRefusals, ChartSource, imageRefusals, Lacks } from "../kubernetes/chart-options";
import { PlinkoOptions, PlinkoPlan } from "./options";

/** What Plinko's own chart (seed 002, contract 3) cannot express of Plinko's options. */

/** An hour: its Jobs make the data before anything else gets ready. */
export const PlinkoChartSource = ChartSource("plinko-pir", 3600);

const UNBOUND = "no template of it reads such a value";
const FIXED = "it is fixed there";
const PORT = "it moves the container's port, too, which the program cannot";
const OWN_CLAIM = "it makes one claim, which goes with the release";
const NO_BUDGET = "it makes no PodDisruptionBudget";
const NO_FENCE = "it makes no NetworkPolicy";
const NO_STARTUP = "it has no startup probe";
const EXEC = "its probe looks for a folder";

const SERVED = ["ethMock", "plinkoUpdateService", "plinkoPirServer", "cdnMock", "rabbyWallet"] as const;
const SCALED = ["plinkoPirServer", "cdnMock", "rabbyWallet"] as const;
const IMAGES = [...SERVED, "dbGenerator", "hintGenerator"] as const;

const each = (parts: readonly string[], lacks: (part: string) => [string, Lacks[string]][]): Lacks =>
  Object.fromEntries(parts.flatMap(lacks));

const LACKS: Lacks = {
  labels: UNBOUND,
  podAnnotations: UNBOUND,
  imagePullSecrets: UNBOUND,
  tolerations: UNBOUND,
  "persistence.existingClaim": OWN_CLAIM,
  "persistence.retain": OWN_CLAIM,
  "ethMock.startupSeconds": FIXED,
  ...each(SERVED, (part) => [
    [`${part}.service.port`, PORT],
    [`${part}.service.annotations`, UNBOUND],
  ]),
  ...each(SCALED, (part) => [
    [`${part}.podDisruptionBudget.enabled`, { because: NO_BUDGET, needs: false }],
    [`${part}.podDisruptionBudget.minAvailable`, NO_BUDGET],
  ]),
  "dbGenerator.command": FIXED,
  "dbGenerator.concurrency": "it sets a variable that the program does not read",
  "dbGenerator.activeDeadlineSeconds": FIXED,
  "hintGenerator.command": FIXED,
  "hintGenerator.activeDeadlineSeconds": FIXED,
  "plinkoUpdateService.livenessProbe.path": EXEC,
  "plinkoUpdateService.readinessProbe.path": EXEC,
  "plinkoUpdateService.startupProbe.enabled": { because: NO_STARTUP, has: false },
  "plinkoUpdateService.startupProbe.path": NO_STARTUP,
  "plinkoUpdateService.startupProbe.initialDelaySeconds": NO_STARTUP,
  "plinkoUpdateService.startupProbe.periodSeconds": NO_STARTUP,
  "plinkoUpdateService.startupProbe.timeoutSeconds": NO_STARTUP,
  "plinkoUpdateService.startupProbe.failureThreshold": NO_STARTUP,
  "cdnMock.autoscaling.targetMemoryUtilizationPercentage": "it scales by CPU",
  "rabbyWallet.autoscaling.targetMemoryUtilizationPercentage": "it scales by CPU",
  "cdnMock.gzip.level": FIXED,
  tools: FIXED,
  clusterDomain: FIXED,
  "ingress.gateway": "it is reached by an Ingress",
  "networkPolicy.enabled": { because: NO_FENCE, needs: false },
  "networkPolicy.ingressController": NO_FENCE,
  "networkPolicy.gatewayProxy": NO_FENCE,
  "networkPolicy.ingress": NO_FENCE,
  "security.runAsUser": "its containers run as the users of their images",
  "security.runAsGroup": "its containers run as the users of their images",
};

const defaults = () => {
  const image = { tag: "1" };
  return PlinkoOptions.parse({
    dbGenerator: { image },
    hintGenerator: { image },
    plinkoUpdateService: { image },
    plinkoPirServer: { image },
    rabbyWallet: { image },
  });
};

/** Every option that the chart cannot express as it is set. */
export const plinkoChartRefusals = (options: PlinkoPlan): ChartRefusal[] => {
  const { create, podSecurity } = options.namespace;
  return [
    ...IMAGES.flatMap((part) => imageRefusals([part, "image"], options[part].image)),
    ...chartRefusals(LACKS, options, defaults()),
    ...(create && podSecurity === "restricted"
      ? [
          {
            path: ["namespace", "podSecurity"],
            message: 'cannot be "restricted" in the chart, whose containers run as root: they would all be refused. Set it to "baseline"',
          },
        ]
      : []),
  ];
};
