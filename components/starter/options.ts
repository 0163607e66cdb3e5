import type { z } from "zod";
import { problemsOf } from "./contract-options";
import { StarterShape } from "./shape-options";

/** Options of the starter. */
export const StarterOptions = StarterShape.superRefine((options, context) => {
  for (const { path, message } of problemsOf(options)) context.addIssue({ code: "custom", path, message });
});

/** Options as they are written: what has a default may be left out. */
export type StarterInput = z.input<typeof StarterOptions>;
/** Options with every default filled in. */
export type StarterPlan = z.output<typeof StarterOptions>;
