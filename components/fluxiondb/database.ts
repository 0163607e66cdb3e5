import type * as pulumi from "@pulumi/pulumi";
import { ANNOTATIONS, cpuText, REPLICAS } from "../../sizing/fluxiondb";
import { imageOf } from "../kubernetes/options";
import { tcpProbeOf } from "../kubernetes/probes";
import { containerSecurityOf } from "../kubernetes/security";
import { podOf, singletonOf } from "../kubernetes/workload";
import { accountNameOf, PORT } from "./objects";
import { NAME, Plan } from "./plan";

/** Says that a database has no pod on purpose. */
const SUSPENDED = { [ANNOTATIONS.suspended]: "true" };

/** Written under `/app`, where the image has the program (contract 2.1). */
const PROGRAM = "./build/fluxiondb";

/** Seconds for what is left to do when the wait for the last write is over. */
const MARGIN = 30;

/** Seconds in which a pod gets node, volume and image. */
const ARRIVAL = 120;

/**
 * Seconds that a pod which stops runs on, so that what was written before is on the volume: the next write, and as long again for it to end.
 * The database itself does nothing when it is told to stop (contract 2.2).
 */
const lastWrite = (flushInterval: number) => 2 * flushInterval;

/** Seconds after which a pod that is not ready never will be: its predecessor's stop, its arrival, and all that its startup probe allows. */
const rolloutOf = (stop: number, { initialDelaySeconds, periodSeconds, failureThreshold }: Plan["options"]["startupProbe"]) =>
  stop + ARRIVAL + initialDelaySeconds + periodSeconds * failureThreshold;

/**
 * The StatefulSet.
 *
 * @param secret name of the Secret that has the key: a new one for each key, so that a change rolls the pod
 */
export const databaseOf = (plan: Plan, secret: pulumi.Input<string>) => {
  const { options, size, metadata, selector } = plan;
  const { env, persistence, securityContext } = options;
  const { runAsUser, runAsGroup, fsGroup } = securityContext;
  const wait = persistence.enabled ? lastWrite(env.flushInterval) : 0;
  const stop = wait + MARGIN;
  const set = singletonOf(metadata, {
    selector,
    annotations: options.podAnnotations,
    labels: options.podLabels,
    spec: podOf(
      { runAsUser, runAsGroup, fsGroup },
      {
        serviceAccountName: accountNameOf(plan),
        imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })),
        // as process 1 the database would never get the signal to stop, for it has no handler for it
        shareProcessNamespace: true,
        terminationGracePeriodSeconds: stop,
        nodeSelector: options.nodeSelector,
        tolerations: options.tolerations,
        containers: [
          {
            name: NAME,
            image: imageOf(options.image),
            imagePullPolicy: options.image.pullPolicy,
            workingDir: "/app",
            // the kubelet fills in the variable: neither a shell nor the object has the key
            command: [PROGRAM],
            args: [
              "--secret-key=$(SECRET_KEY)",
              `--flush-interval=${env.flushInterval}`,
              ...(persistence.enabled ? [`--data=${env.dataFolder}`] : []),
            ],
            env: [{ name: "SECRET_KEY", valueFrom: { secretKeyRef: { name: secret, key: options.secret.key } } }],
            ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }],
            startupProbe: tcpProbeOf(options.startupProbe, "http"),
            livenessProbe: tcpProbeOf(options.livenessProbe, "http"),
            readinessProbe: tcpProbeOf(options.readinessProbe, "http"),
            lifecycle: wait > 0 ? { preStop: { sleep: { seconds: wait } } } : undefined,
            resources: {
              requests: { cpu: size.cpu.request, memory: size.memory },
              limits: { cpu: size.cpu.limit, memory: size.memory },
            },
            securityContext: containerSecurityOf(securityContext.readOnlyRootFilesystem),
            // below the volume's root: each folder there, lost+found too, would become a collection
            volumeMounts: persistence.enabled ? [{ name: "data", mountPath: env.dataFolder, subPath: NAME }] : [],
          },
        ],
        volumes: persistence.enabled
          ? [{ name: "data", persistentVolumeClaim: { claimName: persistence.existingClaim ?? metadata.name } }]
          : [],
      },
    ),
  });
  // Pulumi waits ten minutes by itself, which a start that is allowed to take so long would outlast
  const patience = { "pulumi.com/timeoutSeconds": `${rolloutOf(stop, options.startupProbe)}` };
  const { requests, limits } = options.resources;
  const asked = requests.cpu !== undefined || limits.cpu !== undefined;
  const annotations = {
    ...patience,
    ...(asked && { [ANNOTATIONS.cpu]: cpuText(size.cpu) }),
    ...(options.suspended && SUSPENDED),
  } as Record<string, string>;
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: options.suspended ? 0 : REPLICAS },
  };
};
