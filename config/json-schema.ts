import * as z from "zod";
import { StackSchema } from "./schema";

const EncryptedSecrets = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/), z.strictObject({ secure: z.string() }))
  .meta({ description: "Secret values, each set by `pulumi config set --secret --path`. Sections name its keys." });

const InFile = StackSchema.extend({ secrets: EncryptedSecrets.optional() });

/** Keys that Pulumi itself keeps in the file, beside `config`. */
const PULUMI = {
  secretsprovider: "Who encrypts the stack's secrets.",
  encryptedkey: "Key of the secrets provider, encrypted.",
  encryptionsalt: "Salt of the passphrase.",
};

/** JSON Schema of `Pulumi.<stack>.yaml`: what may be left out is what has a default, or is set a stack's own way (its cluster, its secrets). */
export function stackFileSchema(): Record<string, unknown> {
  const { $schema, properties = {} } = z.toJSONSchema(InFile, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return {
    $schema,
    title: "Stack of Stackyard",
    type: "object",
    additionalProperties: false,
    required: ["config"],
    properties: {
      ...Object.fromEntries(Object.entries(PULUMI).map(([key, description]) => [key, { type: "string", description }])),
      environment: { description: "Pulumi ESC environments that the config is taken from, too." },
      config: {
        type: "object",
        additionalProperties: false,
        required: ["stackyard:layers"],
        properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [`stackyard:${name}`, schema])),
        patternProperties: { "^(?!stackyard:)[^:]+:.+$": { description: "Config of another package." } },
      },
    },
  };
}
