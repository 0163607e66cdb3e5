import { ADDRESSES } from "../components/dotdo/env-options";
import { SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { imageOf, imagePartsOf } from "../components/kubernetes/options";
import { Refusal, SET_BY, sharedEnvOf, type DotdoSection } from "../config";
import { commandsFor, keyOf } from "../config/commands";
import type { StackOutputs } from "../outputs";

/** What homes of one dotdo have in common: one says it, and exports it; the others take what they do not say themselves. */

type Exported = NonNullable<StackOutputs["dotdo"]>;
type SharedEnv = NonNullable<Exported["env"]>;

/** What the stack of another home exports. */
export interface Offer {
  /** Name of that stack, for what is said. */
  readonly stack: string;
  readonly image?: string;
  readonly env?: SharedEnv;
  /** Secrets that it exports. */
  readonly secrets: readonly DotdoSecret[];
}

/** A section with what it takes of an offer. */
export interface Completed {
  /** The section as it would be written without the other stack. */
  readonly given: unknown;
  /** Secrets whose values are the other stack's. */
  readonly secrets: readonly DotdoSecret[];
}

/** Secrets that open what an address leads to: they go with it, and to nobody else. */
const OPENED_BY: Readonly<Record<(typeof ADDRESSES)[number], { readonly needed: DotdoSecret[]; readonly also: DotdoSecret[] }>> = {
  TURSO_URL: { needed: ["tursoToken"], also: [] },
  R2_ENDPOINT: { needed: ["r2AccessKey", "r2SecretKey"], also: [] },
  REDIS_URL: { needed: [], also: ["redisPassword"] },
};

/** What a section offers other homes. */
export const offeredBy = (section: DotdoSection) => ({ image: imageOf(section.image), env: sharedEnvOf(section) });

interface Given {
  readonly image?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly backing?: Readonly<Record<string, unknown>>;
  readonly externalSecrets?: unknown;
}

/**
 * A section with what it does not say itself taken from another stack's.
 *
 * @param given the section as it is written, checked already
 * @throws Refusal that names what is needed and neither has
 */
export function completed(stack: string, written: unknown, offer: Offer): Completed {
  const given = withoutReference(written as Given & { readonly sharedFrom?: string });
  const { env = {}, image = {}, secrets = {} } = given;
  const lacking: Lacking[] = [];

  const ownVersion = image["tag"] !== undefined || image["digest"] !== undefined;
  if (!ownVersion && offer.image === undefined) lacking.push({ output: "dotdo.image", set: { path: ["image", "tag"], word: "'<value>'" } });
  if (offer.env === undefined) lacking.push({ output: "dotdo.env" });

  const beside = Object.entries(SET_BY).flatMap(([service, sets]) => (given.backing?.[service] === undefined ? [] : [...sets.env]));
  const offered = Object.entries(offer.env ?? {}).filter(([name]) => !beside.some((own) => own === name));
  const whole = { ...Object.fromEntries(offered), ...env };

  const own = given.externalSecrets !== undefined || secrets["existingSecret"] !== undefined || secrets["create"] === false;
  const wanted = own ? [] : secretsOf(whole, offer.env ?? {}).filter(({ secret }) => secrets[secret] === undefined);
  for (const { secret, needed } of wanted) {
    if (needed && !offer.secrets.includes(secret)) lacking.push({ output: `secrets.dotdo.${secret}`, secret });
  }
  if (lacking.length > 0) throw new Refusal(report(stack, offer.stack, lacking));
  return {
    given: { ...given, env: whole, image: ownVersion ? image : { ...imagePartsOf(offer.image ?? ""), ...image } },
    secrets: wanted.map(({ secret }) => secret).filter((secret) => offer.secrets.includes(secret)),
  };
}

const withoutReference = ({ sharedFrom: _sharedFrom, ...given }: Given & { readonly sharedFrom?: string }): Given => given;

/** Secrets of the services that both homes have at one address, and those of no service. */
const secretsOf = (env: Readonly<Record<string, unknown>>, offered: SharedEnv): { secret: DotdoSecret; needed: boolean }[] => [
  ...ADDRESSES.filter((name) => offered[name] !== undefined && env[name] === offered[name]).flatMap((name) => [
    ...OPENED_BY[name].needed.map((secret) => ({ secret, needed: true })),
    ...OPENED_BY[name].also.map((secret) => ({ secret, needed: false })),
  ]),
  { secret: "apiKey", needed: false },
];

/** Something that is needed and neither stack has. */
interface Lacking {
  readonly output: string;
  /** Setting that makes it needless, and the word for its value. */
  readonly set?: { readonly path: string[]; readonly word: string };
  readonly secret?: DotdoSecret;
}

function report(stack: string, other: string, lacking: readonly Lacking[]): string {
  const name = other.split("/").at(-1) ?? other;
  const [here, there] = [commandsFor(stack), commandsFor(name)];
  const named = (commands: typeof here, secret: DotdoSecret) => {
    const key = `dotdo-${SECRET_KEYS[secret]}`;
    return [commands.setSecret(keyOf(["secrets", key])), commands.set(keyOf(["dotdo", "secrets", secret]), key)];
  };
  const lines = lacking.flatMap(({ output, set, secret }) => [
    "",
    output,
    `  is not exported by stack "${other}", and stack "${stack}" does not say it itself`,
    ...(secret ? [...named(there, secret), `pulumi up --stack ${name}`].map((line) => `  $ ${line}   # shares it`) : []),
    ...(secret ? named(here, secret).map((line) => `  $ ${line}   # or keeps one of its own`) : []),
    ...(secret
      ? [`  $ ${here.set(keyOf(["dotdo", "secrets", "existingSecret"]), "'<value>'")}   # or all of them from a Secret of its own`]
      : []),
    ...(set ? [`  $ ${here.set(keyOf(["dotdo", ...set.path]), set.word)}`] : []),
    ...(secret ? [] : [`  $ pulumi up --stack ${name}   # where it was last brought up by an older Stackyard`]),
  ]);
  return [`stack "${stack}" takes of the dotdo of stack "${other}" what is not there; nothing was changed.`, ...lines].join("\n");
}
