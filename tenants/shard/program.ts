import * as pulumi from "@pulumi/pulumi";
import { FluxionDb, type FluxionDbArgs } from "../../components/fluxiondb";
import { SKIP_AWAIT } from "../../components/kubernetes/metadata";
import { fromRegistry, isWorkload } from "../../components/kubernetes/registry";
import type { ClusterSection } from "../../config";
import { bytes, quantity } from "../../sizing/quantity";
import { providerOf } from "../../stacks/cluster";
import { STACK, TENANT } from "../names";
import type { ShardTenant } from "./plan";

export interface ShardProgram {
  readonly tenants: readonly ShardTenant[];
  readonly cluster: ClusterSection;
  /** Registries by what stands in their place. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Told which tenant each resource is of, by `<type>::<name>`. */
  readonly own: (resource: string, user: string) => void;
}

/** The program of a shard's stack: its tenants, each as a stack's own layer deploys one. */
export const shardProgram =
  ({ tenants, cluster, mirrors, own }: ShardProgram): pulumi.automation.PulumiFn =>
  async () => {
    const provider = providerOf(cluster);
    let building = "";
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      own(`${type}::${name}`, building);
      if (!type.startsWith("kubernetes:")) return undefined;
      const given = (isWorkload(type) ? fromRegistry(type, props as object, mirrors, undefined) : props) as Annotated;
      const { metadata = {} } = given;
      // one tenant that cannot start holds nobody: who waits is the operation, not the up
      return { props: { ...given, metadata: { ...metadata, annotations: { ...metadata.annotations, ...SKIP_AWAIT } } }, opts };
    });
    for (const tenant of tenants) {
      building = tenant.user;
      const { options, apiKey, kept } = tenant;
      const args = { ...options, apiKey: pulumi.secret(apiKey), kept, transform: transformOf(tenant) };
      new FluxionDb(`fluxiondb-${tenant.user}`, args, { provider });
    }
  };

interface Annotated {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, pulumi.Input<string>>> };
}

/** What a tenant of the service has beyond one of a stack's own: its id, the stack that it is in, and a claim that a restore may have changed. */
const transformOf = ({ id, claim, claims }: ShardTenant): FluxionDbArgs["transform"] => ({
  namespace: (args) => {
    Object.assign(args.metadata.annotations, { [TENANT]: id, [STACK]: pulumi.getStack() });
  },
  claim: (args) => {
    args.metadata = { ...args.metadata, name: claim.name };
    if (claim.snapshot === undefined) return;
    const dataSource = { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: claim.snapshot };
    args.spec = Object.assign(args.spec, { dataSource });
  },
  quota: (args) => {
    const { hard } = args.spec;
    const storage = hard["requests.storage"];
    if (claims === 1 || storage === undefined) return;
    hard["persistentvolumeclaims"] = `${claims}`;
    hard["requests.storage"] = quantity(claims * bytes(storage));
  },
  database: (args) => {
    for (const { persistentVolumeClaim } of args.spec.template.spec.volumes) persistentVolumeClaim.claimName = claim.name;
  },
});
