import type { KubernetesObject } from "./object";

/** Which system an object is part of: by the component that made it, object by object or by its chart. */

const system =
  (...components: readonly string[]) =>
  (object: KubernetesObject): boolean =>
    object.isPartOf(...components);

export const isFluxionDb = system("stackyard:fluxiondb:FluxionDb", "stackyard:fluxiondb:FluxionDbChart");
export const isDotdo = system("stackyard:dotdo:Dotdo", "stackyard:dotdo:DotdoChart");
export const isPlinko = system("stackyard:plinko:Plinko", "stackyard:plinko:PlinkoChart");
export const isStarter = system("stackyard:starter:Starter", "stackyard:starter:StarterChart");

const WORKLOADS = ["StatefulSet", "Deployment"];

/** Whether it is a tenant's database. */
export const isDatabase = (object: KubernetesObject): boolean => isFluxionDb(object) && WORKLOADS.includes(object.kind);

/** Whether a tenant's database comes of it: by itself, or by its chart. */
export const isInstance = (object: KubernetesObject): boolean => isDatabase(object) || (isFluxionDb(object) && object.isRelease);

/** The tenant, by the name of its component, which no transform can change: of `fluxiondb-alice-database`, alice. */
export const tenantOf = ({ name }: KubernetesObject): string => name.replace(/^fluxiondb-/, "").replace(/-(network-policy|[a-z]+)$/, "");

/**
 * What an object is in its component, by Pulumi's name of it, which no transform can change: of `plinko-hint-generator`,
 * `hint-generator`. Nothing where it is none of these parts.
 */
export const partOf = <Part extends string>({ name }: KubernetesObject, parts: readonly Part[]): Part | undefined =>
  parts.find((part) => name.endsWith(`-${part}`));

/** Pulumi's name of another part of the same component. */
export const nameOfPart = ({ name }: KubernetesObject, part: string, other: string): string => `${name.slice(0, -part.length)}${other}`;
