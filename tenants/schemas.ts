import * as z from "zod";
import { Ram, User } from "../components/fluxiondb/options";
import { Count, Positive } from "../components/kubernetes/options";

/** What requests to the service say. HTTP bodies and the command's arguments are checked by the same schemas; unknown fields are refused. */

const KEY = "use 16 to 256 visible characters of ASCII, without blanks (what is given is not shown)";

/** A refusal never shows what was given. */
export const ApiKey = z
  .string({ error: `is missing or no text: ${KEY}` })
  .regex(/^[\x21-\x7e]{16,256}$/, { error: `cannot be used: ${KEY}` })
  .meta({
    description: "Key that clients of the database authenticate with. 16 to 256 visible ASCII characters. It is never shown again.",
  });

export const TenantName = User;

export const ProvisionRequest = z
  .strictObject({ user: TenantName, ram: Ram, apiKey: ApiKey })
  .meta({ description: "A database for a user: its RAM and its key. Storage is twice the RAM." });

export const AdoptRequest = ProvisionRequest.meta({
  description: "Takes over namespace and volume that were kept of a database of this user, with a key of its own from now on.",
});

export const ResizeRequest = z.strictObject({ ram: Ram }).meta({ description: "More RAM; never less." });

export const RotateKeyRequest = z.strictObject({ apiKey: ApiKey }).meta({ description: "Another key; the database restarts with it." });

export const RestoreRequest = z
  .strictObject({ backup: z.uuid({ error: "is no id of a backup: write one of those that the tenant's backups list" }) })
  .meta({ description: "A backup whose data become the tenant's, on a new volume." });

export const DeleteRequest = z
  .strictObject({ graceDays: Count.max(365).optional().meta({ description: "Days that the data are kept. Default: tenants.graceDays." }) })
  .meta({ description: "Deletes the tenant: its data are kept for the grace days, then gone." });

export const UpgradeRequest = z
  .strictObject({
    tag: z
      .string()
      .regex(/^[\w][\w.-]{0,127}$/, { error: "is no tag of an image: use letters, digits, ., _ and -" })
      .meta({ description: "Tag of the image that all tenants are to run." }),
    wave: Positive.default(10).meta({ description: "Tenants of a wave. The first wave is one tenant." }),
  })
  .meta({ description: "Another image for the whole fleet, in waves; the first bad wave ends it." });

export const TENANT_STATES = ["provisioning", "ready", "changing", "suspended", "failing", "deleting", "deleted"] as const;
export const TenantState = z.enum(TENANT_STATES).meta({ description: "How a tenant is, as last seen." });

export const ListRequest = z
  .strictObject({
    limit: Positive.max(1000).default(100).meta({ description: "Tenants of one page." }),
    after: TenantName.optional().meta({ description: "Last user of the page before." }),
    state: TenantState.optional().meta({ description: "Tenants of this state alone." }),
  })
  .meta({ description: "A page of tenants, by user." });

const when = z.iso.datetime().meta({ description: "Moment, in UTC." });

export const TenantView = z
  .strictObject({
    id: z
      .uuid()
      .meta({ description: "Identity of the tenant, which it keeps for life. A user who is deleted and comes back is another tenant." }),
    user: TenantName,
    state: TenantState,
    reason: z.string().optional().meta({ description: "Why it is not as it is to be." }),
    ram: Ram,
    storage: z.string().meta({ description: "Size of its volume." }),
    image: z.string().meta({ description: "Tag of its image." }),
    namespace: z.string(),
    url: z.string().meta({ description: "Address inside the cluster." }),
    outsideUrl: z.string().optional().meta({ description: "Address outside the cluster, where there is one." }),
    shard: z.int(),
    generation: z.int().meta({ description: "Counts what was wished." }),
    reachedGeneration: z.int().meta({ description: "The last wish that the cluster was given." }),
    purgeAt: when.optional().meta({ description: "When the data of a deleted tenant go." }),
    createdAt: when,
    seenAt: when.optional().meta({ description: "When it was first seen as it is now." }),
  })
  .meta({ description: "A tenant. Its key is nowhere in it." });
export type TenantView = z.output<typeof TenantView>;

export const OPERATION_KINDS = [
  "provision",
  "adopt",
  "resize",
  "rotate-key",
  "suspend",
  "resume",
  "backup",
  "restore",
  "delete",
  "upgrade",
] as const;
export const OperationKind = z.enum(OPERATION_KINDS);
export type OperationKind = z.output<typeof OperationKind>;

export const OPERATION_STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

export const OperationView = z
  .strictObject({
    id: z.uuid(),
    user: TenantName,
    tenant: z.uuid(),
    kind: OperationKind,
    state: z.enum(OPERATION_STATES).meta({ description: "The last three are final." }),
    step: z.string().optional().meta({ description: "Step that it is at." }),
    steps: z.array(z.string()).meta({ description: "All its steps, in order." }),
    waiting: z.string().optional().meta({ description: "What it waits for." }),
    error: z.string().optional().meta({ description: "Why it failed, or what is being tried again." }),
    backup: z.uuid().optional().meta({ description: "The backup that it makes or restores." }),
    by: z.string().meta({ description: "Who asked for it." }),
    createdAt: when,
    finishedAt: when.optional(),
  })
  .meta({ description: "A change of a tenant, from the request to its end." });
export type OperationView = z.output<typeof OperationView>;

export const BackupView = z
  .strictObject({
    id: z.uuid(),
    user: TenantName,
    kind: z.enum(["asked", "final"]).meta({ description: "`final`: made by the deletion of the tenant." }),
    state: z.enum(["making", "ready", "failed"]),
    ram: Ram.meta({ description: "RAM that the tenant had." }),
    snapshot: z.string().meta({ description: "Name of the VolumeSnapshot in the tenant's namespace." }),
    createdAt: when,
  })
  .meta({ description: "A snapshot of a tenant's volume." });
export type BackupView = z.output<typeof BackupView>;
