import * as z from "zod";
import { Backup } from "../kubernetes/backup-options";
import { Annotations, DnsLabel, HostName, Labels, Positive, Toleration } from "../kubernetes/options";
import { Global, Ingress, Namespace, NetworkPolicy, Persistence, Security, checkEdge, checkVolume } from "./edge-options";
import { CdnMock, DbGenerator, EthMock, HintGenerator, PirServer, RabbyWallet, Tools, UpdateService } from "./workload-options";

/**
 * The options of Plinko PIR, named as its chart names them (seed 002) where the chart has them.
 * Defaults are the seed's, save where the containers could not work with them or they are not secure: docs/systems/plinko.md lists those.
 */

const unread = (description: string) => `${description} Today's images do not read it.`;

const Config = z
  .strictObject({
    dbSize: Positive.default(8388608).meta({
      description: "Accounts in the database. Update service and PIR server of today's images are built for 8388608.",
    }),
    chunkSize: Positive.optional().meta({ description: unread("CHUNK_SIZE; the programs derive it.") }),
    cacheEnabled: z
      .boolean()
      .optional()
      .meta({ description: unread("CACHE_ENABLED of the update service.") }),
    cacheSizeMb: Positive.optional().meta({ description: unread("CACHE_SIZE_MB of the update service.") }),
    blockPollInterval: Positive.optional().meta({ description: unread("BLOCK_POLL_INTERVAL of the update service.") }),
  })
  .prefault({})
  .meta({ description: "The data." });

const NodeSelector = Labels.superRefine((labels, context) => {
  for (const [key] of Object.entries(labels).filter(([, value]) => value === "")) {
    context.addIssue({ code: "custom", path: [key], message: "is empty, which no node answers to: give its value or leave it out" });
  }
});

/** Options of Plinko PIR. */
export const PlinkoOptions = z
  .strictObject({
    fullnameOverride: DnsLabel.max(40, { error: "is too long: use at most 40 characters" })
      .optional()
      .meta({ description: "Beginning of the objects' names. Default: the component's name." }),
    namespace: Namespace,
    labels: Labels.default({}).meta({ description: "Further labels of every object, but not of the pods of Jobs, which cannot change." }),
    podAnnotations: Annotations.default({}).meta({ description: "Further annotations of the pods that stay." }),
    imagePullSecrets: z.array(DnsLabel).default([]).meta({ description: "Secrets to pull the images with." }),
    nodeSelector: NodeSelector.default({}).meta({ description: "Labels that a node must have." }),
    tolerations: z.array(Toleration).default([]).meta({ description: "Taints that pods tolerate." }),
    global: Global,
    config: Config,
    persistence: Persistence,
    backup: Backup.optional(),
    ethMock: EthMock,
    dbGenerator: DbGenerator,
    hintGenerator: HintGenerator,
    plinkoUpdateService: UpdateService,
    plinkoPirServer: PirServer,
    cdnMock: CdnMock,
    rabbyWallet: RabbyWallet,
    tools: Tools,
    ingress: Ingress,
    networkPolicy: NetworkPolicy,
    security: Security,
    clusterDomain: HostName.default("cluster.local").meta({ description: "Domain of the cluster's DNS." }),
  })
  .superRefine(checkVolume)
  .superRefine(checkEdge);

/** Options as they are written: what has a default may be left out. */
export type PlinkoInput = z.input<typeof PlinkoOptions>;
/** Options with every default filled in. */
export type PlinkoPlan = z.output<typeof PlinkoOptions>;
