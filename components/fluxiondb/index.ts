import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../kubernetes/address";
import { childrenOf, Transform } from "../kubernetes/child";
import { partOf, type GatewayObject } from "../kubernetes/gateway";
import { addressesOf } from "./addresses";
import { databaseOf } from "./database";
import * as objects from "./objects";
import type { Kept } from "./held";
import { saysKept } from "./kept";
import { FluxionDbTenant, NAME, namespaceNameOf, ownsClaim, planOf, shown } from "./plan";

type Made<Of extends (...args: never[]) => unknown> = Transform<NonNullable<ReturnType<Of>>>;

/** Options of one tenant (components/fluxiondb/options.ts), its key, and the last word on single children. */
export interface FluxionDbArgs extends FluxionDbTenant {
  /** What of it was kept in the cluster when it was taken out before, and is taken over now (components/fluxiondb/held.ts). */
  readonly kept?: Kept;
  readonly transform?: {
    readonly namespace?: Made<typeof objects.tenantNamespaceOf>;
    readonly quota?: Made<typeof objects.quotaOf>;
    readonly networkPolicy?: Made<typeof objects.tenantNetworkPolicyOf>;
    readonly claim?: Made<typeof objects.tenantClaimOf>;
    readonly secret?: Made<typeof objects.keyOf>;
    readonly account?: Made<typeof objects.accountOf>;
    readonly service?: Made<typeof objects.tenantServiceOf>;
    readonly database?: Made<typeof databaseOf>;
    readonly backup?: Made<typeof objects.backupScheduleOf>;
    readonly ingress?: Made<typeof objects.tenantIngressOf>;
    /** Each object of the edge on a Gateway; `kind` tells which. */
    readonly gateway?: Transform<GatewayObject>;
  };
}

/**
 * One tenant's FluxionDB: one pod, its volume, and a namespace of its own.
 *
 * Namespace and claim stay in the cluster when the tenant is taken out of the program or the stack is destroyed. `opts.protect` goes to
 * these two alone: with it Pulumi refuses to let go of them at all, so that a tenant is taken out only after `pulumi state unprotect`.
 */
export class FluxionDb extends pulumi.ComponentResource {
  /** Address inside the cluster, `ws://…`. */
  public readonly url: pulumi.Output<string>;
  /** Address outside, `wss://…`; undefined where ingress.enabled is false. */
  public readonly outsideUrl: pulumi.Output<string | undefined>;
  /** IP address or name that its Ingress is reached under; empty where there is none yet, and on a Gateway, which has its own. */
  public readonly address: pulumi.Output<string>;
  public readonly namespace: pulumi.Output<string>;
  /** Name of the Service, and of the StatefulSet. */
  public readonly service: pulumi.Output<string>;
  /** Name of the Secret that has the key. */
  public readonly secret: pulumi.Output<string>;
  /** Name of the claim that is kept; undefined where none was made. */
  public readonly claim: pulumi.Output<string | undefined>;
  /** Labels that let a pod of any namespace connect, unless `networkPolicy.clients` says otherwise. */
  public readonly clientLabels: Record<string, string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument, before anything is planned */
  constructor(name: string, args: FluxionDbArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, kept = {}, ...tenant } = args;
    const wanted = planOf(name, tenant);
    const { options } = wanted;
    // every child would inherit it, and a protected Secret cannot be replaced when the key changes
    const { protect, ...own } = opts ?? {};
    super("stackyard:fluxiondb:FluxionDb", name, shown(tenant), own);

    const child = childrenOf(this, name);
    // a claim goes with its namespace, whatever the claim says: both are kept
    const lasting = { retainOnDelete: true, protect };

    const made =
      options.namespace.create &&
      child(k8s.core.v1.Namespace, "namespace", objects.tenantNamespaceOf(wanted), saysKept(transform.namespace), {
        ...lasting,
        import: kept.namespace ? namespaceNameOf(options.user) : undefined,
      });
    const plan = made ? { ...wanted, metadata: { ...wanted.metadata, namespace: made.metadata.name } } : wanted;

    if (options.networkPolicy.enabled) {
      child(k8s.networking.v1.NetworkPolicy, "network-policy", objects.tenantNetworkPolicyOf(plan), transform.networkPolicy);
    }
    const quota = options.quota.enabled && child(k8s.core.v1.ResourceQuota, "quota", objects.quotaOf(plan), transform.quota);
    // room first, then the volume, then the memory: each step of growing stands when the next one fails
    const claim =
      ownsClaim(options) &&
      child(
        k8s.core.v1.PersistentVolumeClaim,
        "claim",
        objects.tenantClaimOf(kept.claim ? wanted : plan, kept),
        saysKept(transform.claim),
        {
          ...lasting,
          // one that is taken over waits for nothing: the engine never ends an up that goes on after errors where an import is skipped for one
          dependsOn: quota && !kept.claim ? [quota] : [],
          import: kept.claim ? `${namespaceNameOf(options.user)}/${NAME}` : undefined,
          // a claim keeps both for life: a difference could only replace it, by an empty one
          ignoreChanges: ["spec.storageClassName", "spec.volumeName"],
        },
      );

    const key = objects.keyOf(plan);
    const secret = key && child(k8s.core.v1.Secret, "secret", key, transform.secret);
    const secretName = secret?.metadata.name ?? options.secret.name ?? ""; // one of them is there
    if (options.serviceAccount.create) child(k8s.core.v1.ServiceAccount, "account", objects.accountOf(plan), transform.account);
    child(k8s.core.v1.Service, "service", objects.tenantServiceOf(plan), transform.service);
    child(k8s.apps.v1.StatefulSet, "database", databaseOf(plan, secretName), transform.database, {
      dependsOn: [claim, quota].filter((resource) => resource !== false),
    });
    const { enabled, gateway } = options.ingress;
    const ingress =
      enabled && gateway === undefined
        ? child(k8s.networking.v1.Ingress, "ingress", objects.tenantIngressOf(plan), transform.ingress)
        : undefined;
    for (const object of enabled ? objects.tenantGatewayOf(plan) : []) {
      child(k8s.apiextensions.CustomResource, partOf(NAME, object), object, transform.gateway);
    }

    const backup = objects.backupScheduleOf(plan);
    if (backup) child(k8s.apiextensions.CustomResource, "backup", backup, transform.backup);

    const addresses = addressesOf(plan);
    ({ url: this.url, outsideUrl: this.outsideUrl, namespace: this.namespace, service: this.service } = addresses);
    this.clientLabels = addresses.clientLabels;
    this.address = addressOf(ingress);
    this.secret = pulumi.output(secretName);
    this.claim = claim ? claim.metadata.name : pulumi.output<string | undefined>(undefined);
    this.registerOutputs({ ...addresses, address: this.address, secret: this.secret, claim: this.claim });
  }
}
