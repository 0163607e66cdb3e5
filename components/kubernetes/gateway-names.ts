import type { Metadata } from "./metadata";

/** Metadata of one object; its labels are its own, so that who changes them changes no other object's. */
export const metadataFor = (metadata: Metadata, name = metadata.name): Metadata => ({ ...metadata, name, labels: { ...metadata.labels } });

/** Name of what there is once a host: `dotdo.do.example.com` for do.example.com, `dotdo-any.example.com` for *.example.com. */
export const namedFor = (name: string, host?: string): string => {
  if (host === undefined) return name;
  return host.startsWith("*.") ? `${name}-any.${host.slice("*.".length)}` : `${name}.${host}`;
};
