/** How a name ends that only says something of a secret: where it is, how long it lives, which kind it has. */
const POINTERS =
  "name|file|path|dir|ref|provider|backend|store|ttl|expiry|seconds|minutes|hours|days|enabled|url|uri|endpoint|host|type|algorithm|length|prefix|header|issuer|audience|limit|count|version|mode";

/** Names that a secret has by custom, with `tokens`, which are counted, and those that only point at one left out. */
export const SECRET_NAME = new RegExp(
  `^(?!.*(${POINTERS})s?$).*(password|passwd|secret|bearer|credential|token(?!s|i)|(api|access|private|auth|signing|encryption)[_.-]?key)`,
  "i",
);

/** Values that are secrets by their shape, whatever their name. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, "a private key"],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, "a key of AWS"],
  [/\bAIza[\w-]{35}/, "a key of Google"],
  [/\bgh[pousr]_\w{36}|\bgithub_pat_\w{22}/, "a token of GitHub"],
  [/\bglpat-[\w-]{20}/, "a token of GitLab"],
  [/\bxox[abeoprs]-[\w-]{10}/, "a token of Slack"],
  [/\b[rs]k_live_\w{16}/, "a key of Stripe"],
  [/\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]/, "a JSON Web Token"],
  // what stands in $(…) Kubernetes or the program fills in
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:(?!\$[({])[^\s/:@]+@/i, "a URL with a password"],
];

/** What a literal value looks like, in words that do not repeat it; nothing where it looks plain. */
export const secretShapeOf = (value: string): string | undefined => SHAPES.find(([shape]) => shape.test(value))?.[1];
