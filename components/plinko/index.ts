import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../kubernetes/address";
import { childrenOf, Transform } from "../kubernetes/child";
import { quotaOf } from "../kubernetes/quota";
import { partOf, type GatewayObject } from "../kubernetes/gateway";
import { hostUrlsOf, plinkoGatewayOf, plinkoIngressOf } from "./ingress";
import { dbGeneratorOf, hintGeneratorOf } from "./jobs";
import { PARTS, plinkoNetworkPolicyOf } from "./network";
import * as objects from "./objects";
import { metadataOf, Part, Plan, planOf, PlinkoSettings } from "./plan";
import { Served } from "./pods";
import * as workloads from "./workloads";

type Made<Of extends (...args: never[]) => unknown> = Transform<NonNullable<ReturnType<Of>>>;
type Each<Of extends string, What> = { readonly [part in Of]?: What };

/** Options of Plinko PIR (components/plinko/options.ts), and the last word on single children. */
export interface PlinkoArgs extends PlinkoSettings {
  readonly transform?: {
    readonly namespace?: Made<typeof objects.plinkoNamespaceOf>;
    readonly claim?: Made<typeof objects.plinkoClaimOf>;
    readonly backup?: Made<typeof objects.plinkoBackupOf>;
    readonly ethMock?: Made<typeof workloads.ethMockOf>;
    readonly dbGenerator?: Made<typeof dbGeneratorOf>;
    readonly hintGenerator?: Made<typeof hintGeneratorOf>;
    readonly updateService?: Made<typeof workloads.updateServiceOf>;
    readonly pirServer?: Made<typeof workloads.pirServerOf>;
    readonly cdnConfig?: Made<typeof objects.cdnConfigOf>;
    readonly cdn?: Made<typeof workloads.cdnOf>;
    readonly walletConfig?: Made<typeof objects.walletConfigOf>;
    readonly wallet?: Made<typeof workloads.walletOf>;
    readonly services?: Each<Served, Made<typeof objects.plinkoServiceOf>>;
    readonly autoscalers?: Each<objects.Scaled, Made<typeof objects.plinkoAutoscalerOf>>;
    readonly budgets?: Each<objects.Scaled, Made<typeof objects.plinkoBudgetOf>>;
    readonly networkPolicies?: Each<Part, Made<typeof plinkoNetworkPolicyOf>>;
    readonly ingress?: Made<typeof plinkoIngressOf>;
    /** Each object of the edge on a Gateway; `kind` tells which. */
    readonly gateway?: Transform<GatewayObject>;
  };
}

const minutes = (seconds: number): string => `${Math.ceil(seconds / 60) + 5}m`;

/**
 * Plinko PIR: private information retrieval over a database of accounts.
 *
 * Two Jobs make the data on a volume that the services share: database, then hints. Other inputs make another generation beside the one that
 * is read; the services move over to it when it is whole.
 */
export class Plinko extends pulumi.ComponentResource {
  /** Address of the wallet inside the cluster, `http://…`. */
  public readonly url: pulumi.Output<string>;
  /** Addresses outside, one a host that is named. */
  public readonly hostUrls: pulumi.Output<string[]>;
  /** IP address or name that the Ingress is reached under; empty where there is none yet, and on a Gateway, which has its own. */
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  /** Name of each workload's Service, which is also its Deployment's. */
  public readonly services: pulumi.Output<Record<Served, string>>;
  /** Names of the Jobs that made the data. */
  public readonly jobs: pulumi.Output<string[]>;
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument, before anything is planned */
  constructor(name: string, args: PlinkoArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, ...settings } = args;
    const wanted = planOf(name, settings);
    super("stackyard:plinko:Plinko", name, { ...settings }, opts);

    const child = childrenOf(this, name);
    const { options } = wanted;
    const kept = { retainOnDelete: options.persistence.retain };

    const made =
      options.namespace.create && child(k8s.core.v1.Namespace, "namespace", objects.plinkoNamespaceOf(wanted), transform.namespace, kept);
    const plan: Plan = made ? { ...wanted, namespace: made.metadata.name } : wanted;

    // room first: a claim that grows keeps to what the quota is then
    const quota = plan.quota ? [child(k8s.core.v1.ResourceQuota, "quota", quotaOf(plan.name, plan.namespace, plan.quota))] : [];
    const claimArgs = objects.plinkoClaimOf(plan);
    const claim = claimArgs && child(k8s.core.v1.PersistentVolumeClaim, "claim", claimArgs, transform.claim, { ...kept, dependsOn: quota });
    const claimName = claim?.metadata.name ?? plan.data.claim;

    const backup = objects.plinkoBackupOf(plan);
    if (backup) child(k8s.apiextensions.CustomResource, "backup", backup, transform.backup);

    for (const part of options.networkPolicy.enabled ? PARTS : []) {
      const policy = plinkoNetworkPolicyOf(plan, part);
      child(k8s.networking.v1.NetworkPolicy, `${part}-network-policy`, policy, transform.networkPolicies?.[part]);
    }
    for (const part of SERVED) {
      child(k8s.core.v1.Service, `${part}-service`, objects.plinkoServiceOf(plan, part), transform.services?.[part]);
    }

    const ethMock = child(k8s.apps.v1.Deployment, "eth-mock", workloads.ethMockOf(plan), transform.ethMock, {
      customTimeouts: { create: minutes(options.ethMock.startupSeconds), update: minutes(options.ethMock.startupSeconds) },
    });
    const dbGenerator = child(k8s.batch.v1.Job, "db-generator", dbGeneratorOf(plan, claimName), transform.dbGenerator, {
      dependsOn: [ethMock],
      customTimeouts: { create: minutes(options.dbGenerator.activeDeadlineSeconds) },
    });
    const hintGenerator = child(k8s.batch.v1.Job, "hint-generator", hintGeneratorOf(plan, claimName), transform.hintGenerator, {
      dependsOn: [dbGenerator],
      customTimeouts: { create: minutes(options.hintGenerator.activeDeadlineSeconds) },
    });

    const afterData = { dependsOn: [hintGenerator] };
    child(k8s.apps.v1.Deployment, "update-service", workloads.updateServiceOf(plan, claimName), transform.updateService, {
      ...afterData,
      customTimeouts: { create: "20m", update: "20m" },
    });
    const pirServer = child(k8s.apps.v1.Deployment, "pir-server", workloads.pirServerOf(plan, claimName), transform.pirServer, afterData);
    const cdnConfig = child(k8s.core.v1.ConfigMap, "cdn-mock-config", objects.cdnConfigOf(plan), transform.cdnConfig);
    const cdn = workloads.cdnOf(plan, claimName, cdnConfig.metadata.name);
    const cdnMock = child(k8s.apps.v1.Deployment, "cdn-mock", cdn, transform.cdn, afterData);
    const walletConfig = child(k8s.core.v1.ConfigMap, "rabby-wallet-config", objects.walletConfigOf(plan), transform.walletConfig);
    const wallet = child(k8s.apps.v1.Deployment, "rabby-wallet", workloads.walletOf(plan, walletConfig.metadata.name), transform.wallet);

    for (const part of SCALED) {
      const budget = objects.plinkoBudgetOf(plan, part);
      if (budget) child(k8s.policy.v1.PodDisruptionBudget, `${part}-budget`, budget, transform.budgets?.[part]);
      if (!objects.optionsFor(plan)[part].autoscaling.enabled) continue;
      const autoscaler = objects.plinkoAutoscalerOf(plan, part);
      child(k8s.autoscaling.v2.HorizontalPodAutoscaler, `${part}-autoscaler`, autoscaler, transform.autoscalers?.[part]);
    }

    // ready only with pods behind it
    const traffic = { dependsOn: [pirServer, cdnMock, wallet] };
    const ingress =
      options.ingress.enabled &&
      options.ingress.gateway === undefined &&
      child(k8s.networking.v1.Ingress, "ingress", plinkoIngressOf(plan), transform.ingress, traffic);
    for (const object of options.ingress.enabled ? plinkoGatewayOf(plan) : []) {
      const own = object.kind === "HTTPRoute" ? traffic : {};
      child(k8s.apiextensions.CustomResource, partOf(plan.name, object), object, transform.gateway, own);
    }

    this.namespace = pulumi.output(plan.namespace);
    this.services = pulumi.output(Object.fromEntries(SERVED.map((part) => [part, metadataOf(plan, part).name])) as Record<Served, string>);
    this.jobs = pulumi.output([dbGenerator.metadata.name, hintGenerator.metadata.name]);
    this.claim = pulumi.output(claimName);
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

const SERVED: readonly Served[] = ["eth-mock", "update-service", "pir-server", "cdn-mock", "rabby-wallet"];
const SCALED: readonly objects.Scaled[] = ["pir-server", "cdn-mock", "rabby-wallet"];
