import { secret, type Properties, type Value } from "../../sandbox/plugins/values";
import type { Export, KubernetesObject } from "../objects";

/** A resource as the engine shows it to a policy pack. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly properties: Properties;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  /** URN of its provider. */
  readonly provider?: string;
}

/** Groups whose types go by another name than in `apiVersion`. */
const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`);

const STACK = "urn:pulumi:dev::stackyard::";
const ROOT = `${STACK}pulumi:pulumi:Stack::stackyard-dev`;
const PROVIDER = `${STACK}pulumi:providers:kubernetes::cluster`;

/** What every stack has beside its objects. */
const FRAME: readonly Resource[] = [
  { urn: ROOT, type: "pulumi:pulumi:Stack", name: "stackyard-dev", properties: {} },
  { urn: PROVIDER, type: "pulumi:providers:kubernetes", name: "cluster", properties: {}, parent: ROOT },
];

/** A stack in which each of these objects is a resource of its own, of no component. */
export const resourcesOf = (objects: readonly KubernetesObject[]): Resource[] => [
  ...FRAME,
  ...objects.map((object, index): Resource => {
    const type = `kubernetes:${groupOf(object.apiVersion)}:${object.kind}`;
    const name = `${object.metadata.name}-${index}`;
    return { urn: `${STACK}${type}::${name}`, type, name, properties: object as unknown as Properties, parent: ROOT, provider: PROVIDER };
  }),
];

/** Key by which Pulumi's state marks a value that is a secret. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The inputs that a state has of a resource, as the engine sends them: secrets are marked, and what is the provider's own is left out. */
function sent(value: Value): Value {
  if (Array.isArray(value)) return value.map(sent);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value && typeof value.plaintext === "string") return secret(JSON.parse(value.plaintext) as Value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, inner]) => [key, sent(inner)]),
  );
}

/** What `pulumi stack export --show-secrets` says of a resource. */
interface Exported {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Properties;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly provider?: string;
}

/** The resources of a stack, in the order in which it made them. */
export const resourcesIn = ({ deployment }: Export): Resource[] =>
  (deployment.resources as readonly Exported[]).map(({ urn, type, inputs, parent, dependencies, provider }) => ({
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    properties: sent(inputs ?? {}) as Properties,
    parent,
    dependencies,
    provider: provider?.split("::").slice(0, 4).join("::"),
  }));
