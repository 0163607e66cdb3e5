import * as z from "zod";

/** A field that stands for a secret value: it holds the name under which `stackyard:secrets` has it. */
export const SecretName = z
  .string({ error: "names no key of stackyard:secrets" })
  .meta({ description: "Name of a key of stackyard:secrets." });
