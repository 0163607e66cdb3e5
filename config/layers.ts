import type { z } from "zod";
import { SECRET_KEYS } from "../components/dotdo/options";
import { SECRET_FIELDS } from "../components/platform/options";
import { DotdoSection } from "./dotdo";
import { FluxionDbSection } from "./fluxiondb";
import { PlatformSection } from "./platform";
import { PlinkoSection } from "./plinko";
import { StarterSection } from "./starter";

/** Fields of a section that name a key of `stackyard:secrets`. */
export interface SecretFields {
  /** Map of the section in which they are; `*` stands for every name. */
  readonly under: readonly string[];
  /** Their names, each with the end of the name that it is best given in `stackyard:secrets`. Left out: every field of the map. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What the config knows of a layer. */
interface Layer {
  /** Schema of its section `stackyard:<layer>`. */
  readonly section: z.ZodObject;
  readonly secrets: readonly SecretFields[];
}

/**
 * Every layer that a stack can deploy, in the order in which they are.
 *
 * A further one is one line here, the schema of its section beside this file, and one line in `stacks/environment.ts`.
 */
export const LAYERS = {
  platform: { section: PlatformSection, secrets: SECRET_FIELDS },
  dotdo: { section: DotdoSection, secrets: [{ under: ["secrets"], fields: SECRET_KEYS }] },
  fluxiondb: { section: FluxionDbSection, secrets: [{ under: ["tenants", "*", "secrets"], fields: { apiKey: "api-key" } }] },
  plinko: { section: PlinkoSection, secrets: [] },
  starter: { section: StarterSection, secrets: ["api", "web", "worker"].map((component) => ({ under: [component, "secrets"] })) },
} satisfies Readonly<Record<string, Layer>>;

export type LayerName = keyof typeof LAYERS;

/** The checked section of each layer, defaults filled in. */
export type Sections = { readonly [Name in LayerName]: z.output<(typeof LAYERS)[Name]["section"]> };

export const LAYER_NAMES = Object.keys(LAYERS) as [LayerName, ...LayerName[]];

/** Sections that name keys of `stackyard:secrets`. */
export type SectionName = LayerName | "registry";

const secrets = Object.fromEntries(LAYER_NAMES.map((name) => [name, LAYERS[name].secrets])) as Record<LayerName, readonly SecretFields[]>;

/** Where each section names them. */
export const SECRETS: Readonly<Record<SectionName, readonly SecretFields[]>> = {
  ...secrets,
  registry: [{ under: [], fields: { pullSecret: "pull-secret" } }],
};

export const SECTION_NAMES = Object.keys(SECRETS) as SectionName[];
