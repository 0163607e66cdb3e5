import * as z from "zod";
import { bytes } from "../../sizing/quantity";
import type { Plan } from "./plan";

/**
 * Whether the volume can be had as it is asked for. The options know some classes by their names, but a class can have any name: what its
 * volumes can do depends on its provisioner, and how large a claim is already, only the cluster knows. So a stack asks before the first
 * resource. Of a class that cannot share, a claim stays pending, or is bound and all pods but those of one node hang; a claim that is to shrink
 * fails the run in the middle.
 */

/** Paths of the API server whose answers `volumeRefusals` reads. Nothing to ask of a claim that somebody else has made. */
export function questionsOf({ options, namespace, data }: Plan): Readonly<Partial<Record<"classes" | "claim", string>>> {
  const { persistence, global } = options;
  if (persistence.existingClaim !== undefined) return {};
  return {
    ...(typeof namespace === "string" && { claim: `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${data.claim}` }),
    ...(persistence.accessMode === "ReadWriteMany" && global.storageClass && { classes: "/apis/storage.k8s.io/v1/storageclasses" }),
  };
}

/** Annotation of a class that says what its volumes can do, and wins over what is known of its provisioner: access modes, joined by commas. */
const ACCESS_MODES = "stackyard.dev/access-modes";

/**
 * Provisioners of block storage, with whose volumes only the pods of one node can share files, by their drivers' own pages and Kubernetes'
 * table of access modes (Concepts, Persistent Volumes).
 */
const ONE_NODE = [
  "block.csi.vultr.com",
  "ebs.csi.aws.com",
  "kubernetes.io/aws-ebs",
  "disk.csi.azure.com",
  "kubernetes.io/azure-disk",
  "pd.csi.storage.gke.io",
  "kubernetes.io/gce-pd",
  "dobs.csi.digitalocean.com",
  "linodebs.csi.linode.com",
  "csi.hetzner.cloud",
  "cinder.csi.openstack.org",
  "rancher.io/local-path",
];

const Class = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  provisioner: z.string(),
});
const Classes = z.object({ items: z.array(Class) });
const Claim = z.object({ spec: z.object({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }) });

/** Why volumes of a class are for one node only; nothing where they are not, or nobody knows. */
function whyOneNode({ metadata, provisioner }: z.output<typeof Class>): string | undefined {
  const modes = metadata.annotations[ACCESS_MODES];
  if (modes !== undefined) return modes.includes("ReadWriteMany") ? undefined : `its annotation ${ACCESS_MODES} says ${modes}`;
  return ONE_NODE.includes(provisioner) ? `its provisioner is ${provisioner}` : undefined;
}

/** What cannot be had, where it stands among the options, why, and which settings would do. */
export interface VolumeRefusal {
  readonly property: string;
  readonly reason: string;
  readonly remedies: readonly { readonly property: string; readonly value: string; readonly when?: string }[];
}

/**
 * Everything about the volume that cannot be had, as far as one knows; nothing where it can.
 *
 * @param answers to `questionsOf`; undefined where there was none
 */
export function volumeRefusals(plan: Plan, answers: Readonly<Partial<Record<"classes" | "claim", unknown>>>): VolumeRefusal[] {
  const { persistence, global } = plan.options;
  const classes = Classes.safeParse(answers.classes).data?.items ?? [];
  const asked = classes.find(({ metadata }) => metadata.name === global.storageClass);
  const why = asked && whyOneNode(asked);
  const held = Claim.safeParse(answers.claim).data?.spec.resources.requests.storage;
  const refusals: VolumeRefusal[] = [];
  if (why !== undefined) {
    const others = classes.filter((other) => whyOneNode(other) === undefined).map(({ metadata }) => metadata.name);
    refusals.push({
      property: "persistence.accessMode",
      reason: `ReadWriteMany is not to be had of class "${global.storageClass}", whose volumes attach to one node only (${why}): name a class of shared file storage in global.storageClass, or take ReadWriteOnce, which runs all pods with the volume on one node`,
      remedies: [
        ...others.map((value) => ({ property: "global.storageClass", value, when: "if this class of the cluster is shared file storage" })),
        { property: "persistence.accessMode", value: "ReadWriteOnce" },
      ],
    });
  }
  if (held !== undefined && bytes(held) > bytes(persistence.size)) {
    refusals.push({
      property: "persistence.size",
      reason: `"${persistence.size}" is less than claim ${plan.data.claim} has (${held}), and Kubernetes shrinks no volume: write at least ${held}`,
      remedies: [{ property: "persistence.size", value: held }],
    });
  }
  return refusals;
}
