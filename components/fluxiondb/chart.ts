import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { OutputsOf, refuseFor, releaseOf, sourceOf } from "../kubernetes/chart";
import { childrenOf, Transform } from "../kubernetes/child";
import type { FluxionDb } from ".";
import { addressesOf } from "./addresses";
import { fluxionDbChartRefusals, FluxionDbChartSource } from "./chart-options";
import { chartClaimOf, chartQuotaOf, fluxionDbValuesOf } from "./chart-values";
import type { Kept } from "./held";
import { saysKept } from "./kept";
import * as objects from "./objects";
import { FluxionDbTenant, NAME, namespaceNameOf, ownsClaim, planOf, shown } from "./plan";

/** Options of one tenant, its key, where its chart is, and the last word on the release. */
export interface FluxionDbChartArgs extends FluxionDbTenant {
  readonly chart: NonNullable<z.input<typeof FluxionDbChartSource>>;
  /** What of it was kept in the cluster when it was taken out before, and is taken over now. */
  readonly kept?: Kept;
  readonly transform?: {
    readonly release?: Transform<ReturnType<typeof releaseOf>>;
    readonly backup?: Transform<NonNullable<ReturnType<typeof objects.backupScheduleOf>>>;
  };
}

/**
 * One tenant's FluxionDB by its own Helm chart: the same options and outputs as `FluxionDb`.
 *
 * Beside the release are what must outlive it (namespace and claim, kept as `FluxionDb` keeps them), the Secret, the quota and the schedule of
 * backups. The chart starts the next pod before the old one has ended: suspend a tenant before its options change, or two databases write on one volume.
 */
export class FluxionDbChart extends pulumi.ComponentResource implements OutputsOf<FluxionDb> {
  public readonly url: pulumi.Output<string>;
  public readonly outsideUrl: pulumi.Output<string | undefined>;
  /** Empty: the chart's Ingress is not seen. */
  public readonly address = pulumi.output("");
  public readonly namespace: pulumi.Output<string>;
  public readonly service: pulumi.Output<string>;
  public readonly secret: pulumi.Output<string>;
  public readonly claim: pulumi.Output<string | undefined>;
  public readonly clientLabels: Record<string, string>;

  /** @throws pulumi.InputPropertiesError that names every argument that is wrong or that the chart cannot express, before anything is planned */
  constructor(name: string, args: FluxionDbChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, kept = {}, chart, ...tenant } = args;
    const wanted = planOf(name, tenant);
    const { options } = wanted;
    const source = sourceOf(FluxionDbChartSource, chart, `FluxionDbChart "${name}"`);
    refuseFor(`FluxionDbChart "${name}"`, fluxionDbChartRefusals(options));
    const { protect, ...own } = opts ?? {};
    super("stackyard:fluxiondb:FluxionDbChart", name, { ...shown(tenant), chart: source }, own);

    const child = childrenOf(this, name);
    const lasting = { retainOnDelete: true, protect };
    const made =
      options.namespace.create &&
      child(k8s.core.v1.Namespace, "namespace", objects.tenantNamespaceOf(wanted), saysKept(), {
        ...lasting,
        import: kept.namespace ? namespaceNameOf(options.user) : undefined,
      });
    const plan = made ? { ...wanted, metadata: { ...wanted.metadata, namespace: made.metadata.name } } : wanted;

    const quota = options.quota.enabled && child(k8s.core.v1.ResourceQuota, "quota", chartQuotaOf(plan));
    const claim =
      ownsClaim(options) &&
      child(k8s.core.v1.PersistentVolumeClaim, "claim", chartClaimOf(kept.claim ? wanted : plan, kept), saysKept(), {
        ...lasting,
        dependsOn: quota && !kept.claim ? [quota] : [], // as in FluxionDb: an import that is skipped is waited for without end
        import: kept.claim ? `${namespaceNameOf(options.user)}/${NAME}` : undefined,
        // a claim keeps both for life: a difference could only replace it, by an empty one
        ignoreChanges: ["spec.storageClassName", "spec.volumeName"],
      });
    const key = objects.keyOf(plan);
    const secret = key && child(k8s.core.v1.Secret, "secret", key);
    const secretName = secret?.metadata.name ?? options.secret.name ?? ""; // one of them is there
    const claimName = claim ? claim.metadata.name : options.persistence.existingClaim;
    const values = fluxionDbValuesOf(plan, secretName, claimName);
    const { namespace } = plan.metadata;
    child(k8s.helm.v3.Release, "release", releaseOf({ name: NAME, namespace, values }, source), transform.release, {
      dependsOn: [claim, quota].filter((resource) => resource !== false),
    });

    const backup = objects.backupScheduleOf(plan);
    if (backup) child(k8s.apiextensions.CustomResource, "backup", backup, transform.backup);

    const addresses = addressesOf(plan);
    ({ url: this.url, outsideUrl: this.outsideUrl, namespace: this.namespace, service: this.service } = addresses);
    this.clientLabels = addresses.clientLabels;
    this.secret = pulumi.output(secretName);
    this.claim = claim ? claim.metadata.name : pulumi.output<string | undefined>(undefined);
    this.registerOutputs({ ...addresses, secret: this.secret, claim: this.claim });
  }
}
