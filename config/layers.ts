import type { z } from "zod";
import { SECRET_KEYS } from "../components/dotdo/options";
import { DotdoSection } from "./dotdo";

/** What the config knows of a layer. */
interface Layer {
  /** Schema of its section `stackyard:<layer>`. */
  readonly section: z.ZodObject;
  /** Fields of the section's `secrets` that name a key of `stackyard:secrets`, each with the end of the name that it is best given there. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Every layer that a stack can deploy, in the order in which they are.
 *
 * A further one is one line here, the schema of its section beside this file, and one line in `stacks/environment.ts`.
 */
export const LAYERS = {
  dotdo: { section: DotdoSection, secrets: SECRET_KEYS },
} satisfies Readonly<Record<string, Layer>>;

export type LayerName = keyof typeof LAYERS;

/** The checked section of each layer, defaults filled in. */
export type Sections = { readonly [Name in LayerName]: z.output<(typeof LAYERS)[Name]["section"]> };

export const LAYER_NAMES = Object.keys(LAYERS) as [LayerName, ...LayerName[]];

export const layerOf = (name: LayerName): Layer => LAYERS[name];
