import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../kubernetes/address";
import { childrenOf, Transform } from "../kubernetes/child";
import { urlsOf } from "../kubernetes/exposure";
import { partOf, type GatewayObject } from "../kubernetes/gateway";
import { dotdoNetworkPolicyOf } from "./network";
import * as objects from "./objects";
import { DotdoSettings, Plan, planOf } from "./plan";
import { podsOf } from "./pods";

type Made<Of extends (...args: never[]) => unknown> = Transform<NonNullable<ReturnType<Of>>>;

/** Options of dotdo (components/dotdo/options.ts), what comes from other resources, and the last word on single children. */
export interface DotdoArgs extends DotdoSettings {
  readonly transform?: {
    readonly namespace?: Made<typeof objects.dotdoNamespaceOf>;
    readonly config?: Made<typeof objects.configOf>;
    readonly secret?: Made<typeof objects.dotdoSecretOf>;
    readonly account?: Made<typeof objects.accountOf>;
    readonly service?: Made<typeof objects.dotdoServiceOf>;
    readonly headless?: Made<typeof objects.dotdoHeadlessOf>;
    readonly pods?: Made<typeof podsOf>;
    readonly autoscaler?: Made<typeof objects.dotdoAutoscalerOf>;
    readonly budget?: Made<typeof objects.dotdoBudgetOf>;
    readonly networkPolicy?: Made<typeof dotdoNetworkPolicyOf>;
    readonly ingress?: Made<typeof objects.dotdoIngressOf>;
    readonly byIdService?: Made<typeof objects.byIdServiceOf>;
    readonly byIdIngress?: Made<typeof objects.byIdIngressOf>;
    /** Each object of the edge on a Gateway; `kind` tells which. */
    readonly gateway?: Transform<GatewayObject>;
    readonly monitor?: Made<typeof objects.dotdoMonitorOf>;
  };
}

/**
 * dotdo: stateless Durable Objects. Any pod can serve any object; the edge sends the same object to the same pod while it can.
 * All state is in the libSQL database and the S3-compatible store that `env` names.
 */
export class Dotdo extends pulumi.ComponentResource {
  /** Address inside the cluster, `http://…`. */
  public readonly url: pulumi.Output<string>;
  /** Addresses outside, one a host that is served; none where ingress.enabled is false. */
  public readonly hostUrls: pulumi.Output<string[]>;
  /** IP address or name that its Ingress is reached under; empty where there is none yet, and on a Gateway, which has its own. */
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  /** Name of the Service, and of the Deployment, HPA and PDB. */
  public readonly service: pulumi.Output<string>;
  /** Name that resolves to the pods themselves. */
  public readonly headless: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument, before anything is planned */
  constructor(name: string, args: DotdoArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, ...settings } = args;
    const wanted = planOf(name, settings);
    super("stackyard:dotdo:Dotdo", name, shown(settings), opts);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const { ingress, prometheus } = options;

    const made =
      options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.dotdoNamespaceOf(wanted), transform.namespace);
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    const config = child(k8s.core.v1.ConfigMap, "config", objects.configOf(plan), transform.config);
    const secretArgs = objects.dotdoSecretOf(plan);
    const secret = secretArgs && child(k8s.core.v1.Secret, "secret", secretArgs, transform.secret);
    const secretName = secret?.metadata.name ?? options.secrets.existingSecret;

    if (options.serviceAccount.create) child(k8s.core.v1.ServiceAccount, "account", objects.accountOf(plan), transform.account);
    if (options.networkPolicy.enabled) {
      child(k8s.networking.v1.NetworkPolicy, "network-policy", dotdoNetworkPolicyOf(plan), transform.networkPolicy);
    }
    child(k8s.core.v1.Service, "service", objects.dotdoServiceOf(plan), transform.service);
    child(k8s.core.v1.Service, "headless", objects.dotdoHeadlessOf(plan), transform.headless);
    const pods = child(k8s.apps.v1.Deployment, "pods", podsOf(plan, config.metadata.name, secretName), transform.pods);

    if (options.autoscaling.enabled) {
      child(k8s.autoscaling.v2.HorizontalPodAutoscaler, "autoscaler", objects.dotdoAutoscalerOf(plan), transform.autoscaler);
    }
    if (options.podDisruptionBudget.enabled) {
      child(k8s.policy.v1.PodDisruptionBudget, "budget", objects.dotdoBudgetOf(plan), transform.budget);
    }
    // traffic comes when there are pods for it, and a rollout that fails is not waited for twice
    const traffic = { dependsOn: pods };
    const onIngress = ingress.enabled && ingress.gateway === undefined;
    const main = onIngress
      ? child(k8s.networking.v1.Ingress, "ingress", objects.dotdoIngressOf(plan), transform.ingress, traffic)
      : undefined;
    if (onIngress && ingress.routing === "two-ingresses") {
      child(k8s.core.v1.Service, "by-id-service", objects.byIdServiceOf(plan), transform.byIdService);
      child(k8s.networking.v1.Ingress, "by-id-ingress", objects.byIdIngressOf(plan), transform.byIdIngress, traffic);
    }
    for (const object of ingress.enabled ? objects.dotdoGatewayOf(plan) : []) {
      const own = object.kind === "HTTPRoute" ? traffic : {};
      child(k8s.apiextensions.CustomResource, partOf(plan.name, object), object, transform.gateway, own);
    }
    if (prometheus.enabled && prometheus.serviceMonitor.enabled) {
      child(k8s.apiextensions.CustomResource, "monitor", objects.dotdoMonitorOf(plan), transform.monitor);
    }

    this.namespace = pulumi.output(plan.namespace);
    this.service = pulumi.output(plan.name);
    this.headless = pulumi.interpolate`${plan.name}${objects.HEADLESS}.${this.namespace}.svc`;
    this.url = pulumi.interpolate`http://${plan.name}.${this.namespace}.svc:${options.service.port}`;
    this.hostUrls = pulumi.output(ingress.enabled ? urlsOf(ingress) : []);
    this.address = addressOf(main);
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

/** What preview shows, policies see and state keeps: no functions, and secrets only as such. */
function shown({ secretValues = {}, ...rest }: DotdoSettings): pulumi.Inputs {
  return { ...rest, secretValues: pulumi.secret(secretValues) };
}
