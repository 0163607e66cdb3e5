import { chartImageOf, chartProbeOf, ChartValues } from "../kubernetes/chart";
import type { Plan } from "./plan";

type Options = Plan["options"];
type Scaled = Options["plinkoPirServer" | "cdnMock" | "rabbyWallet"];

/** In a chart's templates a number of a million or more becomes 8.388608e+06 (contract 3.7); text stays as it is. */
const exact = (value: number): string => `${value}`;

/** Only what is set: else the chart's own value stands. */
const given = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const scaledOf = ({ image, replicaCount, autoscaling, resources, livenessProbe, readinessProbe, service }: Scaled) => ({
  replicaCount,
  image: chartImageOf(image),
  autoscaling,
  resources,
  livenessProbe: chartProbeOf(livenessProbe),
  readinessProbe: chartProbeOf(readinessProbe),
  service: { port: service.port },
});

/** Values of Plinko's chart, by their names in seed 002 and contract 3, for all that `chart-options.ts` does not refuse. */
export const plinkoValuesOf = ({ options, name }: Plan): ChartValues => {
  const { config, persistence, global, ethMock, dbGenerator, hintGenerator, plinkoUpdateService: update, cdnMock, rabbyWallet } = options;
  const dbSize = exact(config.dbSize);
  const sizes = { dbSize, ...given({ chunkSize: config.chunkSize }) };
  return {
    nameOverride: "plinko",
    fullnameOverride: name,
    // the chart's own selects nodes whose name is empty
    nodeSelector: { "kubernetes.io/hostname": null, ...options.nodeSelector },
    persistence: {
      enabled: true,
      size: persistence.size,
      accessMode: persistence.accessMode,
      storageClass: global.storageClass ?? null,
      annotations: { "volume.beta.kubernetes.io/storage-class": null },
    },
    global: { storageClass: global.storageClass ?? null },
    ethMock: {
      image: chartImageOf(ethMock.image),
      service: { port: ethMock.service.port },
      config: {
        accounts: exact(ethMock.accounts ?? config.dbSize),
        balance: exact(ethMock.balance),
        blockTime: ethMock.blockTime,
      },
      resources: ethMock.resources,
    },
    dbGenerator: {
      image: chartImageOf(dbGenerator.image),
      job: { backoffLimit: dbGenerator.backoffLimit },
      config: { dbSize },
      resources: dbGenerator.resources,
    },
    plinkoHintGenerator: {
      image: chartImageOf(hintGenerator.image),
      job: { backoffLimit: hintGenerator.backoffLimit },
      config: sizes,
      resources: hintGenerator.resources,
    },
    plinkoUpdateService: {
      image: chartImageOf(update.image),
      service: { port: update.service.port },
      config: {
        ...sizes,
        ...given({ cacheEnabled: config.cacheEnabled, cacheSizeMB: config.cacheSizeMb, blockPollInterval: config.blockPollInterval }),
      },
      resources: update.resources,
      livenessProbe: chartProbeOf({ ...update.livenessProbe, path: undefined }),
      readinessProbe: chartProbeOf({ ...update.readinessProbe, path: undefined }),
    },
    plinkoPirServer: { ...scaledOf(options.plinkoPirServer), config: sizes },
    cdnMock: { ...scaledOf(cdnMock), config: { gzipEnabled: cdnMock.gzip.enabled, cacheMaxAge: cdnMock.cacheMaxAge } },
    rabbyWallet: {
      ...scaledOf(rabbyWallet),
      config: given({ fallbackRpc: rabbyWallet.fallbackRpc, pirServerUrl: rabbyWallet.pirServerUrl, cdnUrl: rabbyWallet.cdnUrl }),
    },
    // ours is beside the release: the chart's knows neither hosts nor certificates
    ingress: { enabled: false },
    security: { podSecurityContext: { fsGroup: options.security.fsGroup } },
  };
};
