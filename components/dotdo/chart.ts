import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { addressOf } from "../kubernetes/address";
import { OutputsOf, refuseFor, releaseOf, sourceOf } from "../kubernetes/chart";
import { childrenOf, Transform } from "../kubernetes/child";
import { urlsOf } from "../kubernetes/exposure";
import type { Dotdo } from ".";
import { dotdoChartRefusals, DotdoChartSource } from "./chart-options";
import { dotdoValuesOf } from "./chart-values";
import * as objects from "./objects";
import { DotdoSettings, Plan, planOf } from "./plan";

/** Options of dotdo, where its chart is, and the last word on the release. */
export interface DotdoChartArgs extends DotdoSettings {
  readonly chart: NonNullable<z.input<typeof DotdoChartSource>>;
  readonly transform?: { readonly release?: Transform<ReturnType<typeof releaseOf>> };
}

/**
 * dotdo by its own Helm chart: the same options and outputs as `Dotdo`, in one release that goes back as a whole.
 *
 * Beside the release are its namespace, the Secret, which is in no value of the chart so, and what sends each object to one pod by
 * `X-DO-ID`, which the chart cannot. Preview and policies see the release, and not what is in it.
 */
export class DotdoChart extends pulumi.ComponentResource implements OutputsOf<Dotdo> {
  public readonly url: pulumi.Output<string>;
  public readonly hostUrls: pulumi.Output<string[]>;
  /** That of the Ingress beside the release, of the same class; empty without one: the chart's own is not seen. */
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  public readonly service: pulumi.Output<string>;
  public readonly headless: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every argument that is wrong or that the chart cannot express, before anything is planned */
  constructor(name: string, args: DotdoChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, chart, ...settings } = args;
    const wanted = planOf(name, settings);
    const source = sourceOf(DotdoChartSource, chart, `DotdoChart "${name}"`);
    refuseFor(`DotdoChart "${name}"`, dotdoChartRefusals(wanted.options, Object.keys(wanted.env)));
    const { secretValues = {}, ...shown } = settings;
    super("stackyard:dotdo:DotdoChart", name, { ...shown, chart: source, secretValues: pulumi.secret(secretValues) }, opts);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const made = options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.dotdoNamespaceOf(wanted));
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    const secretArgs = objects.dotdoSecretOf(plan);
    const secret = secretArgs && child(k8s.core.v1.Secret, "secret", secretArgs);
    const values = dotdoValuesOf(plan, secret?.metadata.name ?? options.secrets.existingSecret);
    const release = child(
      k8s.helm.v3.Release,
      "release",
      releaseOf({ name: plan.name, namespace: plan.namespace, values }, source),
      transform.release,
    );
    const byId = options.ingress.enabled && options.ingress.routing === "two-ingresses";
    if (byId) child(k8s.core.v1.Service, "by-id-service", objects.byIdServiceOf(plan));
    const beside = byId
      ? child(k8s.networking.v1.Ingress, "by-id-ingress", objects.byIdIngressOf(plan), undefined, { dependsOn: release })
      : undefined;

    this.namespace = pulumi.output(plan.namespace);
    this.service = pulumi.output(plan.name);
    this.headless = pulumi.interpolate`${plan.name}${objects.HEADLESS}.${this.namespace}.svc`;
    this.url = pulumi.interpolate`http://${plan.name}.${this.namespace}.svc:${options.service.port}`;
    this.hostUrls = pulumi.output(options.ingress.enabled ? urlsOf(options.ingress) : []);
    this.address = addressOf(beside);
    this.registerOutputs({
      url: this.url,
      hostUrls: this.hostUrls,
      address: this.address,
      namespace: this.namespace,
      service: this.service,
      headless: this.headless,
    });
  }
}
