import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../kubernetes/address";
import type { z } from "zod";
import { OutputsOf, refuseFor, releaseOf, sourceOf } from "../kubernetes/chart";
import { quotaOf } from "../kubernetes/quota";
import { childrenOf, Transform } from "../kubernetes/child";
import type { Plinko } from ".";
import { plinkoChartRefusals, PlinkoChartSource } from "./chart-options";
import { plinkoValuesOf } from "./chart-values";
import { hostUrlsOf, plinkoIngressOf } from "./ingress";
import * as objects from "./objects";
import { metadataOf, Plan, planOf, PlinkoSettings } from "./plan";
import type { Served } from "./pods";

/** Options of Plinko PIR, where its chart is, and the last word on the release. */
export interface PlinkoChartArgs extends PlinkoSettings {
  readonly chart: NonNullable<z.input<typeof PlinkoChartSource>>;
  readonly transform?: {
    readonly release?: Transform<ReturnType<typeof releaseOf>>;
    readonly backup?: Transform<NonNullable<ReturnType<typeof objects.plinkoBackupOf>>>;
  };
}

const SERVED: readonly Served[] = ["eth-mock", "update-service", "pir-server", "cdn-mock", "rabby-wallet"];

/**
 * Plinko PIR by its own Helm chart: the same options and outputs as `Plinko`.
 *
 * Beside the release are its namespace, the schedule of backups and its Ingress: the chart's own knows neither hosts nor certificates. The data
 * goes with the release.
 */
export class PlinkoChart extends pulumi.ComponentResource implements OutputsOf<Plinko> {
  public readonly url: pulumi.Output<string>;
  public readonly hostUrls: pulumi.Output<string[]>;
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  public readonly services: pulumi.Output<Record<Served, string>>;
  public readonly jobs: pulumi.Output<string[]>;
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every argument that is wrong or that the chart cannot express, before anything is planned */
  constructor(name: string, args: PlinkoChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, chart, ...settings } = args;
    const wanted = planOf(name, settings);
    const source = sourceOf(PlinkoChartSource, chart, `PlinkoChart "${name}"`);
    refuseFor(`PlinkoChart "${name}"`, plinkoChartRefusals(wanted.options));
    super("stackyard:plinko:PlinkoChart", name, { ...settings, chart: source }, opts);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const made = options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.plinkoNamespaceOf(wanted));
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    const quota = plan.quota ? [child(k8s.core.v1.ResourceQuota, "quota", quotaOf(plan.name, plan.namespace, plan.quota))] : [];
    const release = child(
      k8s.helm.v3.Release,
      "release",
      releaseOf({ name: plan.name, namespace: plan.namespace, values: plinkoValuesOf(plan) }, source),
      transform.release,
      { dependsOn: quota },
    );
    const ingress =
      options.ingress.enabled && child(k8s.networking.v1.Ingress, "ingress", plinkoIngressOf(plan), undefined, { dependsOn: release });

    const backup = objects.plinkoBackupOf(plan);
    if (backup) child(k8s.apiextensions.CustomResource, "backup", backup, transform.backup);

    this.namespace = pulumi.output(plan.namespace);
    this.services = pulumi.output(Object.fromEntries(SERVED.map((part) => [part, metadataOf(plan, part).name])) as Record<Served, string>);
    this.jobs = pulumi.output([`${plan.name}-db-generator`, `${plan.name}-hint-generator`]);
    this.claim = pulumi.output(`${plan.name}-data`);
    this.url = pulumi.interpolate`http://${metadataOf(plan, "rabby-wallet").name}.${this.namespace}.svc:${options.rabbyWallet.service.port}`;
    this.hostUrls = pulumi.output(hostUrlsOf(plan));
    this.address = addressOf(ingress || undefined);
    this.registerOutputs({
      url: this.url,
      hostUrls: this.hostUrls,
      address: this.address,
      namespace: this.namespace,
      services: this.services,
      jobs: this.jobs,
      claim: this.claim,
    });
  }
}
