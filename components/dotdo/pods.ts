import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { imageOf } from "../kubernetes/options";
import { httpProbeOf } from "../kubernetes/probes";
import { containerSecurityOf } from "../kubernetes/security";
import { scratchOf } from "../kubernetes/volumes";
import { filled } from "../kubernetes/filled";
import { deploymentOf, podOf, spreadOf } from "../kubernetes/workload";
import { drainScript } from "./drain";
import { accountNameOf, CONTAINER } from "./objects";
import { DotdoSecret, SECRET_KEYS } from "./options";
import { metadataOf, Plan } from "./plan";

type Container = k8s.types.input.core.v1.Container;

/** Variables of each key. The store's keys have two names: the chart's, and the one the source knows (contract 1.9). */
export const SECRET_ENV: Readonly<Record<DotdoSecret, string[]>> = {
  tursoToken: ["TURSO_TOKEN"],
  r2AccessKey: ["R2_ACCESS_KEY", "R2_ACCESS_KEY_ID"],
  r2SecretKey: ["R2_SECRET_KEY", "R2_SECRET_ACCESS_KEY"],
  redisPassword: ["REDIS_PASSWORD"],
  apiKey: ["API_KEY"],
};

const secretEnvOf = ({ options, secretValues, existingKeys }: Plan, secret?: pulumi.Input<string>) => {
  if (secret === undefined) return [];
  const exists = options.secrets.existingSecret !== undefined;
  const optional = existingKeys === undefined;
  return (Object.keys(SECRET_ENV) as DotdoSecret[])
    .filter((name) => (exists ? (existingKeys?.includes(name) ?? true) : secretValues[name] !== undefined))
    .flatMap((value) =>
      SECRET_ENV[value].map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: SECRET_KEYS[value], optional } } })),
    );
};

const fromPod = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const annotationsOf = ({ linkerd, prometheus, service, fly, podAnnotations }: Plan["options"]): Record<string, string> => ({
  ...(linkerd.enabled && { "linkerd.io/inject": "enabled" }),
  ...(linkerd.enabled && linkerd.mtls && { "config.linkerd.io/default-inbound-policy": "all-authenticated" }),
  // both would scrape each pod twice
  ...(prometheus.enabled &&
    !prometheus.serviceMonitor.enabled && {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": `${service.targetPort}`,
      "prometheus.io/path": prometheus.path,
    }),
  ...(fly.enabled && {
    "fly.io/regions": fly.regions.join(","),
    "fly.io/machines": "true",
    "fly.io/machine-size": fly.size,
  }),
  ...podAnnotations,
});

const affinityOf = ({ options: { podAntiAffinity }, selector }: Plan) => {
  const term = (topologyKey: string) => ({ labelSelector: { matchLabels: selector }, topologyKey });
  const required = podAntiAffinity.filter((rule) => rule.required).map(({ topologyKey }) => term(topologyKey));
  const preferred = podAntiAffinity
    .filter((rule) => !rule.required)
    .map(({ topologyKey, weight }) => ({ weight, podAffinityTerm: term(topologyKey) }));
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: required,
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
    },
  };
};

/** Containers of the user's own, with the secure defaults where they do not say otherwise: the namespace refuses them without. */
const secured = (containers: readonly { readonly name: string; readonly securityContext?: unknown }[]): Container[] =>
  containers.map((container) => ({ ...container, securityContext: Object.assign(containerSecurityOf(), container.securityContext) }));

const containerOf = (plan: Plan, config: pulumi.Input<string>, secret: pulumi.Input<string> | undefined, mounts: VolumeMount[]) => {
  const { options } = plan;
  const { service } = options;
  return {
    name: CONTAINER,
    image: imageOf(options.image),
    imagePullPolicy: options.image.pullPolicy as string,
    ports: [
      { name: "http", containerPort: service.targetPort, protocol: "TCP" },
      ...(service.rpcPort === null ? [] : [{ name: "rpc", containerPort: service.rpcPort, protocol: "TCP" }]),
    ],
    envFrom: [
      { configMapRef: { name: config } },
      ...options.extraEnvFrom.map((from) =>
        from.secret === undefined ? { configMapRef: { name: from.configMap } } : { secretRef: { name: from.secret } },
      ),
    ],
    env: [
      { name: "HOME", value: options.home },
      fromPod("POD_NAME", "metadata.name"),
      fromPod("POD_IP", "status.podIP"),
      fromPod("POD_NAMESPACE", "metadata.namespace"),
      ...secretEnvOf(plan, secret),
    ],
    livenessProbe: httpProbeOf(options.livenessProbe, "http"),
    readinessProbe: httpProbeOf(options.readinessProbe, "http"),
    startupProbe: httpProbeOf(options.startupProbe, "http"),
    lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", drainScript(service.targetPort, options.drain)] } } },
    resources: options.resources,
    securityContext: containerSecurityOf(options.securityContext.readOnlyRootFilesystem),
    volumeMounts: [...mounts, ...(options.extraVolumeMounts as unknown as VolumeMount[])],
  };
};

type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/**
 * The Deployment.
 *
 * @param config name of the ConfigMap: a new one for each content, so that a change rolls the pods
 * @param secret name of the Secret, where there is one
 */
export const podsOf = (plan: Plan, config: pulumi.Input<string>, secret?: pulumi.Input<string>) => {
  const { options } = plan;
  const { runAsUser, runAsGroup, fsGroup } = options.securityContext;
  const scratch = scratchOf(options.writablePaths, options.writableSize);
  return deploymentOf(
    metadataOf(plan),
    {
      selector: plan.selector,
      labels: options.podLabels,
      annotations: annotationsOf(options),
      spec: podOf(
        { runAsUser, runAsGroup, fsGroup },
        {
          serviceAccountName: accountNameOf(plan),
          automountServiceAccountToken: options.serviceAccount.automount,
          imagePullSecrets: filled(options.imagePullSecrets.map((name) => ({ name }))),
          terminationGracePeriodSeconds: options.terminationGracePeriodSeconds ?? options.drain.maxSeconds + 30,
          affinity: affinityOf(plan),
          topologySpreadConstraints: filled(spreadOf(options.topologySpreadConstraints, plan.selector)),
          nodeSelector: filled(options.nodeSelector),
          tolerations: filled(options.tolerations),
          initContainers: filled(secured(options.initContainers)),
          containers: [containerOf(plan, config, secret, scratch.mounts), ...secured(options.extraContainers)] as [
            ReturnType<typeof containerOf>,
            ...Container[],
          ],
          volumes: [...scratch.volumes, ...(options.extraVolumes as k8s.types.input.core.v1.Volume[])],
        },
      ),
    },
    {
      ...(!options.autoscaling.enabled && { replicas: options.replicaCount }),
      ...options.strategy,
      progressDeadlineSeconds: options.progressDeadlineSeconds,
    },
  );
};
