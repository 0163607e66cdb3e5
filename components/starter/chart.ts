import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { OutputsOf, refuseFor, releaseOf, sourceOf } from "../kubernetes/chart";
import { childrenOf, Transform } from "../kubernetes/child";
import type { Starter } from ".";
import { addressesOf } from "./addresses";
import { starterChartRefusals, StarterChartSource } from "./chart-options";
import { starterValuesOf } from "./chart-values";
import * as objects from "./objects";
import { Plan, planOf, shown, StarterSettings } from "./plan";
import type { Component } from "./source-options";

/** Options of the starter, where its chart is, and the last word on the release. */
export interface StarterChartArgs extends StarterSettings {
  readonly chart: NonNullable<z.input<typeof StarterChartSource>>;
  readonly transform?: { readonly release?: Transform<ReturnType<typeof releaseOf>> };
}

const SERVED = ["api", "web"] as const;

/**
 * The SaaS starter by its own Helm chart: the same options and outputs as `Starter`.
 *
 * Beside the release are its namespace, the network policies and the disruption budgets, which the chart has not. It migrates nothing:
 * the database is migrated before each up by whoever runs it.
 */
export class StarterChart extends pulumi.ComponentResource implements OutputsOf<Starter> {
  public readonly url: pulumi.Output<string>;
  public readonly apiUrl: pulumi.Output<string>;
  public readonly hostUrls: pulumi.Output<string[]>;
  public readonly apiHostUrls: pulumi.Output<string[]>;
  /** Empty: the chart's Ingress is not seen. */
  public readonly address = pulumi.output("");
  public readonly namespace: pulumi.Output<string>;
  public readonly webService: pulumi.Output<string>;
  public readonly apiService: pulumi.Output<string>;
  /** None: the chart keeps no files. */
  public readonly keyClaim: pulumi.Output<string> | undefined = undefined;

  /** @throws pulumi.InputPropertiesError that names every argument that is wrong or that the chart cannot express, before anything is planned */
  constructor(name: string, args: StarterChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, chart, ...settings } = args;
    const wanted = planOf(name, settings);
    const source = sourceOf(StarterChartSource, chart, `StarterChart "${name}"`);
    refuseFor(`StarterChart "${name}"`, starterChartRefusals(wanted.options));
    super("stackyard:starter:StarterChart", name, { ...shown(settings), chart: source }, opts);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const made = options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.starterNamespaceOf(wanted));
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    const components: Component[] = options.worker.enabled ? ["api", "web", "worker"] : ["api", "web"];
    for (const part of options.networkPolicy.enabled ? components : []) {
      child(k8s.networking.v1.NetworkPolicy, `${part}-network-policy`, objects.starterNetworkPolicyOf(plan, part));
    }
    for (const of of options.podDisruptionBudget.enabled ? SERVED : []) {
      child(k8s.policy.v1.PodDisruptionBudget, `${of}-budget`, objects.starterBudgetOf(plan, of));
    }
    const release = releaseOf({ name: plan.name, namespace: plan.namespace, values: starterValuesOf(plan) }, source);
    child(k8s.helm.v3.Release, "release", release, transform.release);

    const addresses = addressesOf(plan);
    ({ namespace: this.namespace, url: this.url, apiUrl: this.apiUrl, hostUrls: this.hostUrls, apiHostUrls: this.apiHostUrls } = addresses);
    ({ webService: this.webService, apiService: this.apiService } = addresses);
    this.registerOutputs(addresses);
  }
}
