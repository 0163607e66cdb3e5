/** A value as the engine sends it, and as the Kubernetes API does. */
export type Value = null | boolean | number | string | Value[] | Properties;
export interface Properties {
  [key: string]: Value;
}
/** From the outside in: names of properties and places in lists. */
export type Path = (string | number)[];

/** What the engine sends for a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export const isObject = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSecret = (value: Value | undefined): value is Properties => isObject(value) && value[signature] === secretSignature;

export const secret = (value: Value): Value => (isSecret(value) ? value : { [signature]: secretSignature, value });

const mapped = (value: Value, each: (value: Value) => Value): Value => {
  if (Array.isArray(value)) return value.map(each);
  if (!isObject(value)) return value;
  const result: Properties = {};
  for (const [key, item] of Object.entries(value)) if (item !== null) result[key] = each(item);
  return result;
};

/** The value without the marks of its secrets; its nulls stay. */
export const revealed = (value: Value): Value => {
  const inner = isSecret(value) ? (value.value ?? null) : value;
  if (Array.isArray(inner)) return inner.map(revealed);
  return isObject(inner) ? Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, revealed(item)])) : inner;
};

/** The value without the marks of its secrets and without nulls. */
export const plain = (value: Value): Value => mapped(isSecret(value) ? (value.value ?? null) : value, plain);
export const plainProperties = (value: Properties): Properties => {
  const result = plain(value);
  return isObject(result) ? result : {};
};

export const some = (value: Value, test: (value: Value) => boolean): boolean =>
  test(value) || (typeof value === "object" && value !== null && Object.values(value).some((item) => some(item, test)));
export const hasUnknown = (value: Value): boolean => some(value, (item) => item === unknown);

/**
 * Marks in `value` what is marked as a secret at the same place of `like`. A list with a secret in it becomes one secret,
 * since the API server may order it anew.
 */
export const likeSecrets = (value: Value, like: Value | undefined): Value => {
  if (like === undefined || !some(like, isSecret)) return value;
  if (isSecret(like) || !isObject(like) || !isObject(value)) return secret(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, likeSecrets(item, like[key])]));
};

/** The value at a path, or undefined. */
export const at = (value: Value | undefined, path: Path): Value | undefined =>
  path.reduce<Value | undefined>((inner, key) => {
    if (Array.isArray(inner)) return typeof key === "number" ? inner[key] : undefined;
    return isObject(inner) ? inner[key] : undefined;
  }, value);

/** A copy with another value at a path of names; undefined takes it away. */
export const put = (object: Properties, [key = "", ...rest]: string[], value: Value | undefined): Properties => {
  const { [key]: old, ...others } = object;
  if (rest.length === 0) return value === undefined ? others : { ...others, [key]: value };
  if (!isObject(old) && value === undefined) return object;
  return { ...others, [key]: put(isObject(old) ? old : {}, rest, value) };
};

/** Reads a property path such as `spec.ports[0].name` or `metadata.labels["a/b"]`. */
export const parsePath = (text: string): Path =>
  [...text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)].map(([, quoted, index, name]) => {
    if (index !== undefined && index !== "*") return Number(index);
    return quoted?.replaceAll('\\"', '"') ?? index ?? name ?? "";
  });

export const formatPath = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (/[."[\]]/.test(key)) return `${text}["${key.replaceAll('"', '\\"')}"]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");

/** Whether `path` is `start` or lies under it; `*` stands for any place of a list. */
export const under = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((key, i) => key === path[i] || key === "*");
