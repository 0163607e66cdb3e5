import type { z } from "zod";
import { outsideUrlOf } from "../components/fluxiondb/objects";
import { FluxionDbOptions, FluxionDbSettings, type FluxionDbPlan } from "../components/fluxiondb/options";
import { NAME, namespaceNameOf, planOf, storageOf } from "../components/fluxiondb/plan";
import type { TenantsSection } from "../config";
import type { Wanted } from "./registry/tables";

/** What all tenants of a service have in common, and what it refuses. */
export interface ServiceSettings extends Omit<TenantsSection, "settings"> {
  readonly settings: z.output<typeof FluxionDbSettings>;
  /** Tag of the image of new tenants. */
  readonly tag: string;
  /** Users that the environment's own stack has a database of, by its file. */
  readonly taken: readonly string[];
}

/** What of a tenant's wish its options are made of. */
export type Shape = Pick<Wanted, "ram" | "suspended" | "image">;

const given = ({ settings }: ServiceSettings, user: string, { ram, suspended, image }: Shape) => ({
  ...settings,
  image: { ...settings.image, tag: image },
  user,
  ram,
  suspended,
});

/** Options of a tenant, as a stack's file would have them. */
export const optionsOf = (service: ServiceSettings, user: string, shape: Shape): FluxionDbPlan =>
  FluxionDbOptions.parse(given(service, user, shape));

/** What is wrong with a tenant once it has what all have in common. */
export const problemsOf = (service: ServiceSettings, user: string, shape: Shape): { path: string; message: string }[] =>
  (FluxionDbOptions.safeParse(given(service, user, shape)).error?.issues ?? []).map(({ path, message }) => ({
    path: path.join("."),
    message,
  }));

/** Where a tenant is, and how much it has. */
export function placeOf(service: ServiceSettings, user: string, shape: Shape) {
  const options = optionsOf(service, user, shape);
  const namespace = namespaceNameOf(user);
  return {
    namespace,
    storage: storageOf(options),
    url: `ws://${NAME}.${namespace}.svc:${options.service.port}`,
    outsideUrl: outsideUrlOf(planOf(user, { ...options, apiKey: "any" })),
  };
}
