import type * as pulumi from "@pulumi/pulumi";
import { filled } from "../kubernetes/filled";
import { containerSecurityOf, userOf } from "../kubernetes/security";
import { scratchOf } from "../kubernetes/volumes";
import { deploymentOf, podOf, soleOf } from "../kubernetes/workload";
import { DATA } from "./data";
import { rpcUrlOf } from "./jobs";
import { decimal, drain, envOf, folder, placementOf, PORTS, probeOf, running, serverOf, stepOf, volumeOf, waitStep } from "./pods";
import { metadataOf, Part, Plan, selectorFor } from "./plan";
import { PREPARE_WALLET, shell } from "./scripts";

/** The Deployments. */

/** User of the nginx images. Its group reads the volume through the group that the volume belongs to. */
const NGINX = 101;

const podsOf = <Spec>(plan: Plan, part: Part, sharesVolume: boolean, spec: Spec) => ({
  selector: selectorFor(plan, part),
  labels: sharesVolume ? plan.data.label : {},
  annotations: plan.options.podAnnotations,
  spec,
});

const userFor = ({ options: { security } }: Plan) => security;

/** A pod more before one less, so that a rollout takes no pod away that is wanted. */
const rolloutOf = ({ autoscaling, replicaCount }: { autoscaling: { enabled: boolean }; replicaCount: number }) => ({
  ...(!autoscaling.enabled && { replicas: replicaCount }),
  maxSurge: 1,
  maxUnavailable: 0,
});

export const ethMockOf = (plan: Plan) => {
  const { ethMock, config } = plan.options;
  const scratch = scratchOf(["/tmp"], "1Gi");
  const probe = { tcpSocket: { port: "rpc" }, periodSeconds: 10, timeoutSeconds: 5 };
  const container = {
    name: "eth-mock",
    ...running(ethMock.image),
    command: [
      "anvil",
      ...["--accounts", decimal(ethMock.accounts ?? config.dbSize)],
      ...["--balance", decimal(ethMock.balance)],
      ...["--block-time", decimal(ethMock.blockTime)],
      ...["--host", "0.0.0.0"],
      ...["--port", decimal(PORTS["eth-mock"])],
    ],
    env: [{ name: "HOME", value: "/tmp" }],
    ports: [{ name: "rpc", containerPort: PORTS["eth-mock"], protocol: "TCP" }],
    // it listens when its accounts are made
    startupProbe: { ...probe, failureThreshold: Math.ceil(ethMock.startupSeconds / probe.periodSeconds) },
    livenessProbe: { ...probe, failureThreshold: 6 },
    readinessProbe: { ...probe, failureThreshold: 3 },
    resources: ethMock.resources,
    securityContext: containerSecurityOf(),
    volumeMounts: scratch.mounts,
  };
  const spec = podOf(userFor(plan), { ...placementOf(plan, "eth-mock", false), containers: [container], volumes: scratch.volumes });
  return soleOf(metadataOf(plan, "eth-mock"), podsOf(plan, "eth-mock", false, spec), ethMock.startupSeconds + 60);
};

export const updateServiceOf = (plan: Plan, claim: pulumi.Input<string>) => {
  const { config, plinkoUpdateService: options } = plan.options;
  const { serving } = plan.data;
  const { startupProbe } = options;
  const container = {
    ...serverOf(plan, "update-service", options),
    startupProbe: probeOf(startupProbe),
    env: envOf({
      RPC_URL: rpcUrlOf(plan),
      DB_SIZE: config.dbSize,
      CHUNK_SIZE: config.chunkSize,
      CACHE_ENABLED: config.cacheEnabled,
      CACHE_SIZE_MB: config.cacheSizeMb,
      BLOCK_POLL_INTERVAL: config.blockPollInterval,
    }),
    // deltas are all that it writes
    volumeMounts: [folder(serving, true), folder(`${serving}/deltas`, false, `${DATA}/deltas`)],
  };
  const spec = podOf(userFor(plan), {
    ...placementOf(plan, "update-service", true),
    initContainers: [waitStep(plan, "serving")],
    containers: [container],
    volumes: [volumeOf(claim)],
  });
  const startup = startupProbe.periodSeconds * startupProbe.failureThreshold;
  return soleOf(metadataOf(plan, "update-service"), podsOf(plan, "update-service", true, spec), startup + 120);
};

export const pirServerOf = (plan: Plan, claim: pulumi.Input<string>) => {
  const { config, plinkoPirServer: options } = plan.options;
  const container = {
    ...serverOf(plan, "pir-server", options),
    ...drain,
    env: envOf({ DB_SIZE: config.dbSize, CHUNK_SIZE: config.chunkSize }),
    volumeMounts: [folder(plan.data.serving, true)],
  };
  const spec = podOf(userFor(plan), {
    ...placementOf(plan, "pir-server", true),
    initContainers: [waitStep(plan, "serving")],
    containers: [container],
    volumes: [volumeOf(claim)],
  });
  return deploymentOf(metadataOf(plan, "pir-server"), podsOf(plan, "pir-server", true, spec), rolloutOf(options));
};

const CONFIG = "/etc/nginx/nginx.conf";
const configMount = { name: "config", mountPath: CONFIG, subPath: "nginx.conf", readOnly: true };
const nginxUser = ({ options: { security } }: Plan) => ({ ...userOf(NGINX), fsGroup: security.fsGroup });

export const cdnOf = (plan: Plan, claim: pulumi.Input<string>, config: pulumi.Input<string>) => {
  const { cdnMock: options } = plan.options;
  const scratch = scratchOf(["/tmp"], "64Mi");
  const container = {
    ...serverOf(plan, "cdn-mock", options),
    ...drain,
    // past the image's entry point, which wants to change its files
    command: ["nginx", "-g", "daemon off;"],
    volumeMounts: [folder(plan.data.serving, true), configMount, ...scratch.mounts],
  };
  const spec = podOf(nginxUser(plan), {
    ...placementOf(plan, "cdn-mock", true),
    terminationGracePeriodSeconds: 120, // a download of hint.bin takes its time
    initContainers: [waitStep(plan, "serving")],
    containers: [container],
    volumes: [volumeOf(claim), { name: "config", configMap: { name: config } }, ...scratch.volumes],
  });
  return deploymentOf(metadataOf(plan, "cdn-mock"), podsOf(plan, "cdn-mock", true, spec), rolloutOf(options));
};

const FILES = "/usr/share/nginx/html";
export const RESOLVER = "/tmp/resolver.conf";

export const walletOf = (plan: Plan, config: pulumi.Input<string>) => {
  const { rabbyWallet: options } = plan.options;
  const scratch = scratchOf(["/tmp", "/files"], "512Mi");
  const [temporary, files] = scratch.mounts as [Mount, Mount];
  const copy = stepOf(
    plan,
    "prepare",
    shell(PREPARE_WALLET, "prepare", FILES, files.mountPath, "/etc/resolv.conf", RESOLVER),
    scratch.mounts,
  );
  const container = {
    ...serverOf(plan, "rabby-wallet", options),
    ...drain,
    // the image's entry point writes VITE_FALLBACK_RPC into the copy, and starts nginx
    env: filled(
      envOf({
        VITE_FALLBACK_RPC: options.fallbackRpc,
        VITE_PIR_SERVER_URL: options.pirServerUrl,
        VITE_CDN_URL: options.cdnUrl,
      }),
    ),
    volumeMounts: [temporary, { ...files, mountPath: FILES }, configMount],
  };
  const spec = podOf(nginxUser(plan), {
    ...placementOf(plan, "rabby-wallet", false),
    initContainers: [{ ...copy, ...running(options.image) }],
    containers: [container],
    volumes: [{ name: "config", configMap: { name: config } }, ...scratch.volumes],
  });
  return deploymentOf(metadataOf(plan, "rabby-wallet"), podsOf(plan, "rabby-wallet", false, spec), rolloutOf(options));
};

interface Mount {
  readonly name: string;
  readonly mountPath: string;
}
