import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { posix } from "node:path";
import { accountNameOf } from "../kubernetes/account";
import { eitherProbeOf } from "../kubernetes/probes";
import { containerSecurityOf } from "../kubernetes/security";
import { claimOf, scratchOf } from "../kubernetes/volumes";
import { deploymentOf, podOf, spreadOf } from "../kubernetes/workload";
import { envOf, PROBE_HOST } from "./env";
import { API_PORT, APP, KEYS, WEB_PORT } from "./pod-options";
import { metadataOf, Plan, selectorFor } from "./plan";
import type { SecretUse } from "./secrets";
import { Component, keepsKeyFiles } from "./source-options";

type EnvVar = k8s.types.input.core.v1.EnvVar;
type Volume = k8s.types.input.core.v1.Volume;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/** Variables, then keys of the Secret: each one waits for its key, so that no pod starts without it. */
export const containerEnvOf = (env: Record<string, pulumi.Input<string>>, secret?: SecretUse) => ({
  env: [
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(secret?.keys ?? []).map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secret!.name, key } } })),
  ] as EnvVar[],
  envFrom: secret !== undefined && secret.keys === undefined ? [{ secretRef: { name: secret.name } }] : [],
});

const FIXED_KEYS = "signing-keys";
/** Folder of the signing keys. */
const keyFolderOf = ({ api }: Plan["options"]) => {
  const path = api.env["AUTH_KEY_STORAGE_PATH"];
  return path === undefined ? KEYS : posix.dirname(posix.resolve(APP, String(path)));
};

/** The claim of the signing keys, which without it were lost with each pod. */
export const keyClaimOf = (plan: Plan) => {
  const metadata = metadataOf(plan, "api");
  const { storage, storageClass } = plan.options.keyStore;
  return claimOf({ ...metadata, name: `${plan.name}-keys` }, storage, storageClass);
};

/** What a container may write, each where it is lost with the pod, save the API's signing keys. */
export function writableOf(plan: Plan, component: Component): { volumes: Volume[]; mounts: VolumeMount[] } {
  const { writablePaths, writableSize } = plan.options[component];
  if (component !== "api" || !keepsKeyFiles(plan.options)) return scratchOf(writablePaths, writableSize);
  const folder = keyFolderOf(plan.options);
  const scratch = scratchOf(
    writablePaths.filter((path) => path !== folder),
    writableSize,
  );
  return {
    volumes: [...scratch.volumes, { name: FIXED_KEYS, persistentVolumeClaim: { claimName: keyClaimOf(plan).metadata.name } }],
    // below the volume's root, where some file systems keep a lost+found
    mounts: [...scratch.mounts, { name: FIXED_KEYS, mountPath: folder, subPath: "keys" }],
  };
}

const annotationsOf = ({ checksum }: SecretUse = { name: "" }): Record<string, pulumi.Input<string>> =>
  checksum === undefined ? {} : { "stackyard.dev/secret-checksum": checksum };

const imageFor = ({ api, web, worker }: Plan["options"], component: Component): string =>
  component === "web" ? web.image : component === "worker" ? (worker.image ?? api.image) : api.image;

const containerOf = (plan: Plan, component: Component, mounts: VolumeMount[], secret?: SecretUse) => {
  const { options } = plan;
  const { pullPolicy, resources, livenessProbe, readinessProbe, startupProbe } = options[component];
  const probe = (wanted: typeof livenessProbe) => eitherProbeOf(wanted, "http", component === "web" ? undefined : PROBE_HOST);
  return {
    name: component as string,
    image: imageFor(options, component),
    imagePullPolicy: pullPolicy as string,
    ports: [{ name: "http", containerPort: component === "web" ? WEB_PORT : API_PORT, protocol: "TCP" }],
    ...containerEnvOf(envOf(plan, component), secret),
    livenessProbe: probe(livenessProbe),
    readinessProbe: probe(readinessProbe),
    startupProbe: probe(startupProbe),
    lifecycle: { preStop: { exec: { command: ["sleep", `${options.drainSeconds}`] } } },
    resources,
    securityContext: containerSecurityOf(options.securityContext.readOnlyRootFilesystem),
    volumeMounts: mounts,
  };
};

const isScaled = ({ autoscaling }: Plan["options"], component: Component): boolean =>
  component !== "worker" && autoscaling.enabled && autoscaling[component].enabled;

/** The Deployment of a component. */
export const podsOf = (plan: Plan, component: Component, secret?: SecretUse) => {
  const { options } = plan;
  const { podLabels, podAnnotations, replicaCount } = options[component];
  const { runAsUser, runAsGroup, fsGroup } = options.securityContext;
  const metadata = metadataOf(plan, component);
  const selector = selectorFor(plan, component);
  const { volumes, mounts } = writableOf(plan, component);
  // two pods cannot have the keys' volume on two nodes, and would both write to it on one
  const oneByOne = component === "api" && keepsKeyFiles(options) && { strategy: { type: "Recreate" } };
  const deployment = deploymentOf(
    metadata,
    {
      selector,
      labels: podLabels,
      annotations: { ...annotationsOf(secret), ...podAnnotations },
      spec: podOf(
        { runAsUser, runAsGroup, fsGroup },
        {
          serviceAccountName: accountNameOf(options.serviceAccount, plan.name),
          automountServiceAccountToken: options.serviceAccount.automount,
          imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })),
          terminationGracePeriodSeconds: options.terminationGracePeriodSeconds,
          topologySpreadConstraints: spreadOf(options.topologySpreadConstraints, selector),
          containers: [containerOf(plan, component, mounts, secret)] as [ReturnType<typeof containerOf>],
          volumes,
        },
      ),
    },
    {
      ...(!isScaled(options, component) && { replicas: replicaCount }),
      maxSurge: "25%",
      maxUnavailable: 0,
    },
  );
  const annotations: Record<string, string> = options.reloader ? { "reloader.stakater.com/auto": "true" } : {};
  return {
    metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, ...annotations } },
    spec: { ...deployment.spec, ...oneByOne },
  };
};
