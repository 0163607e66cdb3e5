import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { version } from "@pulumi/random/package.json";
import { differenceOf, differences } from "../differences.js";
import { type Resources, serve } from "../rpc.js";
import { plainProperties, type Properties, secret } from "../values.js";

type Made = [id: string, outputs: Properties];
interface Kind {
  /** The input that has to be there. */
  needs?: string;
  defaults?: Properties;
  make: (inputs: Properties) => Made;
  /** Outputs that are secrets. */
  secrets?: string[];
}

const pick = (from: string): string => from[randomInt(from.length)] ?? "";
const sets = {
  Lower: "abcdefghijklmnopqrstuvwxyz",
  Upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  Numeric: "0123456789",
  Special: "!@#$%&*()-_=+[]{}<>:?",
};
/** `length` characters of the sets that are on, at least `min…` of each, in any order. */
const text = (inputs: Properties): string => {
  const { length, overrideSpecial = "" } = inputs as { length: number; overrideSpecial?: string };
  const on = Object.entries({ ...sets, Special: overrideSpecial || sets.Special }).filter(([name]) => inputs[name.toLowerCase()] !== false);
  const least = on.flatMap(([name, from]) => Array.from({ length: Number(inputs[`min${name}`] ?? 0) }, () => pick(from)));
  const any = on.map(([, from]) => from).join("");
  if (!any || least.length > length)
    throw new Error(`length: ${length} is given, too short for the min… given, or no kind of character is on`);
  const rest = [...least, ...Array.from({ length: length - least.length }, () => pick(any))];
  return Array.from({ length }, () => rest.splice(randomInt(rest.length), 1)).join("");
};
const flags = {
  lower: true,
  upper: true,
  numeric: true,
  number: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};
const result = (made: string, id = made): Made => [id, { result: made }];

/** What the stand-in makes. RandomPassword has no `bcryptHash`: Node brings no bcrypt. */
const kinds: Record<string, Kind> = {
  RandomPassword: { needs: "length", defaults: flags, secrets: ["result"], make: (inputs) => result(text(inputs), "none") },
  RandomString: { needs: "length", defaults: flags, make: (inputs) => result(text(inputs)) },
  RandomUuid: { make: () => result(randomUUID()) },
  RandomBytes: {
    needs: "length",
    secrets: ["base64", "hex"],
    make: ({ length }) => {
      const made = randomBytes(Number(length));
      return ["none", { base64: made.toString("base64"), hex: made.toString("hex") }];
    },
  },
  RandomId: {
    needs: "byteLength",
    make: ({ byteLength, prefix = "" }) => {
      const made = randomBytes(Number(byteLength));
      const [b64Url, b64Std, hex] = [made.toString("base64url"), made.toString("base64"), made.toString("hex")];
      const forms = Object.entries({ b64Url, b64Std, hex, dec: BigInt(`0x${hex}`).toString() });
      return [b64Url, Object.fromEntries(forms.map(([key, form]) => [key, `${prefix as string}${form}`]))];
    },
  },
};
const kindOf = (type: string): Kind => {
  const kind = kinds[type.split(":").at(-1) ?? ""];
  if (!kind)
    throw new Error(`the stand-in plugin has no ${type}, only ${Object.keys(kinds).join(", ")}: install the official plugin to use it`);
  return kind;
};

const random: Resources = {
  async check({ type, inputs }) {
    const { needs = "" } = kindOf(type);
    return { inputs, failures: needs && inputs[needs] === undefined ? [{ property: needs, reason: "is required" }] : [] };
  },
  async diff({ oldInputs, inputs, ignoreChanges }) {
    return differenceOf(differences({ old: plainProperties(oldInputs), next: plainProperties(inputs) }), ignoreChanges, () => true);
  },
  async create({ type, inputs, preview }) {
    const { defaults = {}, make, secrets = [] } = kindOf(type);
    if (preview) return { id: "", outputs: { ...defaults, ...inputs } };
    const [id, made] = make(plainProperties(inputs));
    for (const key of secrets) made[key] = secret(made[key] ?? null);
    return { id, outputs: { ...defaults, ...inputs, ...made } };
  },
  async read({ id, type, state, oldInputs }) {
    if (Object.keys(state).length === 0) throw new Error(`the stand-in plugin imports no ${type}: install the official plugin`);
    return { id, outputs: state, inputs: oldInputs };
  },
  async update({ state, inputs }) {
    return { ...state, ...inputs };
  },
  async delete() {},
};

serve({ version, of: () => random });
