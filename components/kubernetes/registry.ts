import * as pulumi from "@pulumi/pulumi";

/** Where pods get their images from, whatever registry their makers publish them in. */

/** Registry to the address that has its images. */
export type Mirrors = Readonly<Record<string, string>>;

export const DOCKER_HUB = "docker.io";
/** What the names of Docker's own images leave out. */
const OFFICIAL = "library/";

interface Reference {
  /** Host of the registry, with its port. */
  readonly registry: string;
  /** All that follows it: path, and tag or digest. */
  readonly rest: string;
}

/**
 * The parts of an image's name, those that it leaves out filled in.
 *
 * By the grammar of distribution/reference (`splitDockerDomain`): the first part is a registry where it has a dot or a port or is `localhost`.
 */
export function referenceOf(image: string): Reference {
  const [first = "", ...path] = image.split("/");
  const isRegistry = path.length > 0 && (/[.:A-Z]/.test(first) || first === "localhost");
  const registry = isRegistry && first !== "index.docker.io" ? first : DOCKER_HUB;
  const rest = isRegistry ? path.join("/") : image;
  return { registry, rest: registry === DOCKER_HUB && !rest.includes("/") ? `${OFFICIAL}${rest}` : rest };
}

/** An image in the mirror of its registry; as it is where that has none. */
export function mirrored(image: string, mirrors: Mirrors): string {
  const { registry, rest } = referenceOf(image);
  return Object.hasOwn(mirrors, registry) ? `${mirrors[registry]}/${rest}` : image;
}

const TEMPLATE = ["spec", "template", "spec"];
/** Where each kind of workload has the spec of its pods, by the type of the resource. */
const PODS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes:core/v1:Pod": ["spec"],
  "kubernetes:apps/v1:Deployment": TEMPLATE,
  "kubernetes:apps/v1:StatefulSet": TEMPLATE,
  "kubernetes:apps/v1:DaemonSet": TEMPLATE,
  "kubernetes:apps/v1:ReplicaSet": TEMPLATE,
  "kubernetes:batch/v1:Job": TEMPLATE,
  "kubernetes:batch/v1:CronJob": ["spec", "jobTemplate", ...TEMPLATE],
};

/** Whether resources of a type make pods. */
export const isWorkload = (type: string): boolean => Object.hasOwn(PODS, type);

type Value = Readonly<Record<string, unknown>>;

/** Changes a value that may be known only later; one that is left out stays so. */
const changed = <From>(value: unknown, change: (value: From) => unknown): unknown => {
  if (value === undefined) return undefined;
  const isLater = pulumi.Output.isInstance(value) || value instanceof Promise;
  return isLater ? pulumi.output(value as pulumi.Input<From>).apply((known) => change(known as From)) : change(value as From);
};

const changedAt = (value: unknown, [step, ...rest]: readonly string[], change: (found: Value) => unknown): unknown =>
  changed<Value>(value, (found) => (step === undefined ? change(found) : { ...found, [step]: changedAt(found[step], rest, change) }));

/**
 * A workload whose pods get their images from the mirrors, with a Secret to pull them where one is named.
 *
 * @param type of the resource, such as `kubernetes:apps/v1:Deployment`; what makes no pods stays as it is
 * @param pullSecret name of a Secret of the pods' namespace
 */
export function fromRegistry<Props extends object>(type: string, props: Props, mirrors: Mirrors, pullSecret?: string): Props {
  const place = PODS[type];
  if (place === undefined) return props;
  const container = (value: Value) => ({ ...value, image: changed<string>(value["image"], (image) => mirrored(image, mirrors)) });
  const containers = (value: unknown) => changed<unknown[]>(value, (all) => all.map((each) => changed<Value>(each, container)));
  const secrets = (value: unknown) => changed<unknown[]>(value ?? [], (all) => [...all, { name: pullSecret }]);
  return changedAt(props, place, (pod) => ({
    ...pod,
    containers: containers(pod["containers"]),
    ...(pod["initContainers"] !== undefined && { initContainers: containers(pod["initContainers"]) }),
    ...(pullSecret !== undefined && { imagePullSecrets: secrets(pod["imagePullSecrets"]) }),
  })) as Props;
}

/** The Secret that pods pull their images with. It has a constant name, so that another password restarts no pod. */
export const pullSecretOf = (name: string, namespace: pulumi.Input<string>, dockerConfig: pulumi.Input<string>) => ({
  metadata: { name, namespace, labels: { "app.kubernetes.io/part-of": "stackyard" } },
  type: "kubernetes.io/dockerconfigjson",
  stringData: { ".dockerconfigjson": dockerConfig },
});
