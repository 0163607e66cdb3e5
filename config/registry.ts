import * as z from "zod";
import { text } from "../components/kubernetes/options";
import { installedParts } from "../components/platform/options";
import { keyOf, type Commands } from "./commands";
import type { Given } from "./given";
import type { LayerName } from "./layers";
import type { Problem } from "./problem";
import { SecretName } from "./secret-name";

// by the grammar of distribution/reference; what has neither dot nor port would be taken for a path of docker.io
const LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
const HOST = `(localhost(:\\d+)?|${LABEL}(\\.${LABEL})+(:\\d+)?|${LABEL}:\\d+)`;
const PART = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";

const Registry = text(
  new RegExp(`^(?!index\\.docker\\.io$)${HOST}$`),
  "registry: write its host, such as ghcr.io, registry.example.com:5000, or docker.io for names without one",
).meta({ description: "Registry, such as ghcr.io; docker.io is that of names without one." });

const Address = text(
  new RegExp(`^${HOST}(/${PART})*$`),
  "address of a registry: write host and path, such as registry.example.com/ghcr, without scheme, tag or / at the end",
).meta({ description: "Host and path that stand in its place, such as registry.example.com/ghcr." });

/** Section `stackyard:registry`: where the images of all pods come from. */
export const RegistrySection = z
  .strictObject({
    mirrors: z.record(Registry, Address).default({}).meta({
      description: "Mirrors, by the registry whose images they have. Images of other registries stay where they are.",
    }),
    pullSecret: SecretName.optional().meta({
      description: "Name of a key of stackyard:secrets, whose value is a Docker config (JSON with auths): all pods pull with it.",
    }),
  })
  .meta({ description: "Registry mirrors and pull secret of all pods that the stack makes object by object." });

export type RegistrySection = z.output<typeof RegistrySection>;

const Credentials = z.union([
  z.object({ auth: z.string().min(1) }),
  z.object({ username: z.string().min(1), password: z.string().min(1) }),
  z.object({ identitytoken: z.string().min(1) }),
]);
const DockerConfig = z.object({
  auths: z.record(z.string().min(1), Credentials).refine((auths) => Object.keys(auths).length > 0),
});

const isDockerConfig = (value: unknown): boolean => {
  try {
    return DockerConfig.safeParse(JSON.parse(String(value))).success;
  } catch {
    return false;
  }
};

interface Section {
  readonly chart?: unknown;
}

/** What is wrong with `stackyard:registry` beside what else the stack says. No value of a secret gets into what is said. */
export function registryProblems({ values, encrypted }: Given, layers: readonly LayerName[], commands: Commands): Problem[] {
  if (values["registry"] === undefined || encrypted.has("registry")) return [];
  return [...dockerConfigProblems(values, commands), ...unreached(values, layers, commands)];
}

function dockerConfigProblems(values: Given["values"], commands: Commands): Problem[] {
  const { pullSecret: name } = (values["registry"] ?? {}) as Readonly<Record<string, unknown>>;
  const secrets = (values["secrets"] ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || !Object.hasOwn(secrets, name) || isDockerConfig(secrets[name])) return [];
  const key = keyOf(["secrets", name]);
  return [
    {
      key,
      reason:
        'is no Docker config (what is given is not shown): write JSON such as {"auths":{"registry.example.com":{"username":"…","password":"…"}}}. ' +
        "What `docker login` writes has no password in it where a credential store keeps it (credsStore)",
      remedies: [`${commands.setSecret(key)} < ~/docker-config.json`],
    },
  ];
}

/** Charts choose their images themselves: what cannot be done there is said, and not left undone. */
function unreached(values: Given["values"], layers: readonly LayerName[], commands: Commands): Problem[] {
  const key = keyOf(["registry"]);
  return layers.flatMap((layer): Problem[] => {
    const section = values[layer] as Section | undefined;
    const parts = layer === "platform" ? installedParts(section) : [];
    if (parts.length > 0) {
      return [
        {
          key,
          reason:
            `does not reach ${parts.join(", ")} of stackyard:platform: their charts choose the images. ` +
            "Give the mirrors to the nodes' container runtime, or have the platform in a stack of its own (stackyard:platformStack)",
          remedies: [commands.remove(key), commands.edit("or take these parts out of stackyard:platform")],
        },
      ];
    }
    if (typeof section !== "object" || section === null || section.chart === undefined) return [];
    const chart = keyOf([layer, "chart"]);
    return [
      {
        key,
        reason: `does not reach ${chart}: the chart chooses its images. Name the mirror's in the images of stackyard:${layer}, or deploy it object by object`,
        remedies: [commands.remove(key), `${commands.remove(chart)}   # or this`],
      },
    ];
  });
}
