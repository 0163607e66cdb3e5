import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { filled } from "../kubernetes/filled";
import { HttpProbe, imageOf } from "../kubernetes/options";
import { httpProbeOf } from "../kubernetes/probes";
import { containerSecurityOf } from "../kubernetes/security";
import { DATA, VOLUME } from "./data";
import type { PlinkoPlan } from "./options";
import { Part, Plan, selectorFor } from "./plan";
import { waitFor } from "./scripts";

/** What the pods of all workloads are made of. */

/** Ports that the programs listen on, and our nginx configurations. */
export const PORTS = { "eth-mock": 8545, "update-service": 3001, "pir-server": 3000, "cdn-mock": 8080, "rabby-wallet": 8080 } as const;
export type Served = keyof typeof PORTS;

/** Seconds that a pod serves on after it was told to stop, until no edge sends to it. */
const DRAIN_SECONDS = 10;

export const drain = { lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } } };

type Image = PlinkoPlan["plinkoPirServer"]["image"];

export const running = (image: Image) => ({ image: imageOf(image), imagePullPolicy: image.pullPolicy as string });

/** A step before or after a program. It only copies, links and looks. */
export const stepOf = (plan: Plan, name: string, command: string[], volumeMounts: VolumeMount[] = []) => ({
  name,
  ...running(plan.options.tools.image),
  command,
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
  securityContext: containerSecurityOf(),
  volumeMounts: filled(volumeMounts),
});

type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/** The whole volume, for the steps of Jobs and for who waits for a generation. */
export const wholeVolume = (readOnly: boolean): VolumeMount => ({ name: "data", mountPath: VOLUME, ...(readOnly && { readOnly }) });

/** One folder of the volume as /data. */
export const folder = (subPath: string, readOnly: boolean, mountPath = DATA): VolumeMount => ({
  name: "data",
  mountPath,
  subPath,
  ...(readOnly && { readOnly }),
});

export const waitStep = (plan: Plan, kind: "database" | "serving") =>
  stepOf(plan, `wait-for-${kind}`, waitFor(kind, plan.data), [wholeVolume(true)]);

export const volumeOf = (claim: pulumi.Input<string>) => ({ name: "data", persistentVolumeClaim: { claimName: claim } });

/**
 * Where pods run: apart from each other where they can; all on one node where their volume is on one only.
 * A pod without a volume is free in either case.
 */
export const placementOf = (plan: Plan, part: Part, sharesVolume: boolean) => {
  const { nodeSelector, tolerations, imagePullSecrets, persistence } = plan.options;
  const term = (matchLabels: Record<string, string>) => ({ labelSelector: { matchLabels }, topologyKey: "kubernetes.io/hostname" });
  return {
    nodeSelector: filled(nodeSelector),
    tolerations: filled(tolerations),
    imagePullSecrets: filled(imagePullSecrets.map((name) => ({ name }))),
    affinity:
      sharesVolume && persistence.accessMode === "ReadWriteOnce"
        ? { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(plan.data.label)] } }
        : {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term(selectorFor(plan, part)) }],
            },
          },
  };
};

/** A probe of the HTTP port. A delay of 0 is none: the API server keeps no such value, and a refresh would show it as a change. */
export const probeOf = (probe: HttpProbe) => {
  const asked = httpProbeOf(probe, "http");
  return asked && { ...asked, initialDelaySeconds: asked.initialDelaySeconds || undefined };
};

/** Container of a program that serves HTTP. */
export const serverOf = (
  plan: Plan,
  part: Served,
  options: Pick<PlinkoPlan["plinkoPirServer"], "image" | "livenessProbe" | "readinessProbe" | "resources">,
) => ({
  name: part,
  ...running(options.image),
  ports: [{ name: "http", containerPort: PORTS[part], protocol: "TCP" }],
  livenessProbe: probeOf(options.livenessProbe),
  readinessProbe: probeOf(options.readinessProbe),
  resources: options.resources,
  securityContext: containerSecurityOf(),
});

/** Variables as a container takes them; what is undefined is left out. Numbers are written out, never as 8.388608e+06. */
export const envOf = (values: Record<string, string | number | boolean | undefined>) =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value: decimal(value) }]));

/** A value as text; a whole number in all its digits. */
export const decimal = (value: string | number | boolean): string => (typeof value === "number" ? BigInt(value).toString() : String(value));
