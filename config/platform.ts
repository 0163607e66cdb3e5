import type { z } from "zod";
import { PlatformOptions } from "../components/platform/options";

/** Section `stackyard:platform`: what the systems need of a cluster. Its secrets are named where they are used. */
export const PlatformSection = PlatformOptions.meta({
  description: "Platform: what the systems need of a cluster. A part that is left out is not installed; one that is there says `existing`.",
});

export type PlatformSection = z.output<typeof PlatformSection>;
