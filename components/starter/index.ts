import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../kubernetes/address";
import { childrenOf, Transform } from "../kubernetes/child";
import { partOf, type GatewayObject } from "../kubernetes/gateway";
import { addressesOf } from "./addresses";
import { warningsOf } from "./billing-options";
import { migrationOf } from "./migration";
import * as objects from "./objects";
import { Part, Plan, planOf, shown, StarterSettings } from "./plan";
import { keyClaimOf, podsOf } from "./pods";
import { REMADE_ON, secretUseOf, SecretUse, starterExternalSecretOf, starterSecretOf } from "./secrets";
import { Component, keepsKeyFiles, ownerOf, ownSourceOf } from "./source-options";

type Made<Of extends (...args: never[]) => unknown> = Transform<NonNullable<ReturnType<Of>>>;
type Each<Name extends string, Of extends (...args: never[]) => unknown> = Readonly<Partial<Record<Name, Made<Of>>>>;

/** Options of the starter (components/starter/options.ts), what comes from other resources, and the last word on single children. */
export interface StarterArgs extends StarterSettings {
  readonly transform?: {
    readonly namespace?: Made<typeof objects.starterNamespaceOf>;
    readonly account?: Made<typeof objects.starterAccountOf>;
    readonly secrets?: Each<Component, typeof starterSecretOf>;
    readonly externalSecrets?: Each<Component, typeof starterExternalSecretOf>;
    readonly keys?: Made<typeof keyClaimOf>;
    readonly migration?: Made<typeof migrationOf>;
    readonly pods?: Each<Component, typeof podsOf>;
    readonly services?: Each<"api" | "web", typeof objects.starterServiceOf>;
    readonly autoscalers?: Each<"api" | "web", typeof objects.starterAutoscalerOf>;
    readonly budgets?: Each<"api" | "web", typeof objects.starterBudgetOf>;
    readonly networkPolicies?: Each<Part, typeof objects.starterNetworkPolicyOf>;
    readonly ingress?: Made<typeof objects.webIngressOf>;
    readonly apiIngress?: Made<typeof objects.apiIngressOf>;
    /** Each object of the edge on a Gateway; `kind` tells which. */
    readonly gateway?: Transform<GatewayObject>;
  };
}

const SERVED = ["api", "web"] as const;

/**
 * The SaaS starter: web, which browsers talk to, the API behind it, and a worker for billing where it is wanted. A Job migrates the
 * database before the pods of each release; one that fails leaves the pods as they are. Data is kept outside: in Postgres, Redis and
 * object storage that its variables name, none of which it makes or deletes.
 */
export class Starter extends pulumi.ComponentResource {
  /** Address of web inside the cluster, `http://…`. */
  public readonly url: pulumi.Output<string>;
  /** Address of the API inside the cluster, `http://…`. */
  public readonly apiUrl: pulumi.Output<string>;
  /** Addresses of web outside, one a host that is served; none where ingress.enabled is false. */
  public readonly hostUrls: pulumi.Output<string[]>;
  /** Addresses of the API outside, one a host of `ingress.apiHosts`. */
  public readonly apiHostUrls: pulumi.Output<string[]>;
  /** IP address or name that its Ingresses are reached under; empty where there is none yet, and on a Gateway, which has its own. */
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  /** Name of web's Service and Deployment. */
  public readonly webService: pulumi.Output<string>;
  /** Name of the API's Service and Deployment. */
  public readonly apiService: pulumi.Output<string>;
  /** Name of the claim of the signing keys, which is kept; none where they are no files. */
  public readonly keyClaim: pulumi.Output<string> | undefined;

  /** @throws pulumi.InputPropertiesError that names every wrong argument, before anything is planned */
  constructor(name: string, args: StarterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, ...settings } = args;
    const wanted = planOf(name, settings);
    super("stackyard:starter:Starter", name, shown(settings), opts);
    for (const warning of warningsOf(wanted.options)) void pulumi.log.warn(`Starter "${name}": ${warning}`, this);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const { ingress, autoscaling, migrations } = options;
    const components: Component[] = options.worker.enabled ? ["api", "web", "worker"] : ["api", "web"];
    const kept = { retainOnDelete: keepsKeyFiles(options) }; // a claim goes with its namespace

    const made =
      options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.starterNamespaceOf(wanted), transform.namespace, kept);
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    if (options.networkPolicy.enabled) {
      for (const part of [...components, ...(migrations.enabled ? ["migration" as const] : [])]) {
        const fence = objects.starterNetworkPolicyOf(plan, part);
        child(k8s.networking.v1.NetworkPolicy, `${part}-network-policy`, fence, transform.networkPolicies?.[part]);
      }
    }
    const before: pulumi.Resource[] = [];
    if (options.serviceAccount.create) {
      before.push(child(k8s.core.v1.ServiceAccount, "account", objects.starterAccountOf(plan), transform.account));
    }
    const secrets = Object.fromEntries(components.map((of) => [of, secretFor(of)]));
    const secretOf = (of: Component): SecretUse | undefined => secrets[ownerOf(options, of)];

    const keys = keepsKeyFiles(options) && child(k8s.core.v1.PersistentVolumeClaim, "keys", keyClaimOf(plan), transform.keys, kept);
    if (migrations.enabled) {
      const job = migrationOf(plan, secretOf("api"));
      // one at a time: after a release that failed, the Job of the one before would still be there when that one comes back
      const own = { dependsOn: [...before], deleteBeforeReplace: true };
      before.push(child(k8s.batch.v1.Job, "migration", job, transform.migration, own));
    }

    for (const of of SERVED) child(k8s.core.v1.Service, `${of}-service`, objects.starterServiceOf(plan, of), transform.services?.[of]);
    for (const of of components) {
      child(k8s.apps.v1.Deployment, `${of}-pods`, podsOf(plan, of, secretOf(of)), transform.pods?.[of], { dependsOn: before });
    }
    for (const of of SERVED) {
      if (autoscaling.enabled && autoscaling[of].enabled) {
        const scaling = objects.starterAutoscalerOf(plan, of);
        child(k8s.autoscaling.v2.HorizontalPodAutoscaler, `${of}-autoscaler`, scaling, transform.autoscalers?.[of]);
      }
      if (options.podDisruptionBudget.enabled) {
        child(k8s.policy.v1.PodDisruptionBudget, `${of}-budget`, objects.starterBudgetOf(plan, of), transform.budgets?.[of]);
      }
    }
    const onIngress = ingress.enabled && ingress.gateway === undefined;
    const front = onIngress ? child(k8s.networking.v1.Ingress, "ingress", objects.webIngressOf(plan), transform.ingress) : undefined;
    if (onIngress && ingress.apiHosts.length > 0) {
      child(k8s.networking.v1.Ingress, "api-ingress", objects.apiIngressOf(plan), transform.apiIngress);
    }
    for (const object of ingress.enabled ? objects.starterGatewayOf(plan) : []) {
      child(k8s.apiextensions.CustomResource, partOf(plan.name, object), object, transform.gateway);
    }

    /** Makes the Secret of a component, by value or by the operator, where it is not there already. */
    function secretFor(of: Component): SecretUse | undefined {
      const source = ownSourceOf(options, of);
      if (source.kind === "none" || source.kind === "existing") return secretUseOf(plan, of);
      const own = { replaceOnChanges: source.kind === "external" && source.name === undefined ? REMADE_ON : [] };
      const secret =
        source.kind === "external"
          ? child(
              k8s.apiextensions.CustomResource,
              `${of}-secret`,
              starterExternalSecretOf(plan, of, source),
              transform.externalSecrets?.[of],
              own,
            )
          : child(k8s.core.v1.Secret, `${of}-secret`, starterSecretOf(plan, of, source), transform.secrets?.[of]);
      before.push(secret);
      return secretUseOf(plan, of, secret.metadata.name);
    }

    const addresses = addressesOf(plan);
    ({ namespace: this.namespace, url: this.url, apiUrl: this.apiUrl, hostUrls: this.hostUrls, apiHostUrls: this.apiHostUrls } = addresses);
    ({ webService: this.webService, apiService: this.apiService } = addresses);
    this.keyClaim = keys ? keys.metadata.name : undefined;
    this.address = addressOf(front);
    this.registerOutputs({ ...addresses, address: this.address, keyClaim: this.keyClaim });
  }
}
