import * as z from "zod";

/** What the cluster itself refuses, whoever asks for it. */
export const Admission = z
  .strictObject({
    actions: z
      .array(z.enum(["Deny", "Warn", "Audit"]))
      .min(1, { error: "is empty, so that nothing would come of it: write Deny, Warn or Audit, or leave admission out" })
      .refine((actions) => !(actions.includes("Deny") && actions.includes("Warn")), {
        error: "has both Deny and Warn: Kubernetes takes one of them",
      })
      .default(["Deny"])
      .meta({ description: "What becomes of a request that breaks a rule." }),
  })
  .meta({
    description:
      "Rules that the API server holds, for kubectl and Helm too: FluxionDB's (one pod, storage of twice the RAM, nothing that shrinks), and that no namespace enforces less pod security than it is meant to.",
  });
export type Admission = z.output<typeof Admission>;
