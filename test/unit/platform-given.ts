import type { PlatformArgs } from "../../components/platform";
import { Platform } from "../../components/platform";
import { plan, type Planned } from "./components/engine";

/** Every part, as a section says it that wants all of them. */
export const everything = {
  certManager: { issuers: { "letsencrypt-prod": { email: "ops@example.com", server: "production" } } },
  edge: { gateway: { clusterIssuer: "letsencrypt-prod", hosts: [{ host: "app.example.com" }] } },
  externalSecrets: { store: { fake: { data: { "database-url": "postgres://localhost/dev" } } } },
  prometheus: {},
  prometheusAdapter: {},
  loki: {},
  metricsServer: {},
  linkerd: {},
  snapshotController: { classes: { fast: { driver: "ebs.csi.aws.com" } } },
  storageClasses: { standard: { existing: true, default: true }, fast: { provisioner: "ebs.csi.aws.com" } },
  velero: { s3: { bucket: "backups" }, snapshots: true },
} as const satisfies PlatformArgs;

/** What a platform plans, and the platform. */
export async function planned(args: PlatformArgs): Promise<{ resources: Planned[]; platform: Platform }> {
  let made: Platform | undefined;
  const resources = await plan(() => (made = new Platform("platform", args)));
  return { resources, platform: made as Platform };
}

export const kinds = (resources: readonly Planned[], kind: string): Planned[] => resources.filter(({ type }) => type.endsWith(`:${kind}`));
