/** A step into a value: the name of a property, or the index of an item. */
export type Path = readonly PropertyKey[];

/** What stands at a place of the config. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined),
    value,
  );

/** Whether something may stand there that nobody should read: `stackyard:secrets`, and what refers to it. */
export const mayBeSecret = (path: Path): boolean => path.includes("secrets") || path.includes("pullSecret");

/** The full key of a setting, as `pulumi config --path` takes it: `stackyard:dotdo.ingress.hosts[0].host`. */
export const keyOf = ([section, ...rest]: Path): string =>
  `stackyard:${String(section)}${rest.map((step) => (typeof step === "number" ? `[${step}]` : nameIn(String(step)))).join("")}`;

const nameIn = (name: string) => (/^[\w$-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);

/** A value as a POSIX shell reads it back; plain words stand as they are. */
export const quoted = (value: string): string => (/^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

const quotedKey = (key: string) => `'${key.replaceAll("'", `'\\''`)}'`;

/** What Pulumi takes for the key of a secret, and then refuses a value such as `dotdo-turso-token` in clear, unless it is told that it is to be. */
const plaintext = (key: string) => (/key|pass|pwd|secret|token/i.test(key) ? " --plaintext" : "");

/** The commands that mend the config of one stack. */
export const commandsFor = (stack: string) => ({
  /** @param word the value as it stands in the command, quoted where the shell needs it */
  set: (key: string, word: string) => `pulumi config set --stack ${quoted(stack)}${plaintext(key)} --path ${quotedKey(key)} ${word}`,
  /** Asks for the value, so that it stands in no history. */
  setSecret: (key: string) => `pulumi config set --stack ${quoted(stack)} --secret --path ${quotedKey(key)}`,
  remove: (key: string) => `pulumi config rm --stack ${quoted(stack)} --path ${quotedKey(key)}`,
  edit: (what: string) => `$EDITOR Pulumi.${stack}.yaml   # ${what}`,
});

export type Commands = ReturnType<typeof commandsFor>;
