import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { TenantError } from "./errors";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const Base64Key = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").length === KEY_BYTES, { error: `is no key of ${KEY_BYTES} bytes` });
const File = z
  .strictObject({ current: z.string(), keys: z.record(z.string().regex(/^[\w-]{1,40}$/), Base64Key) })
  .refine(({ current, keys }) => Object.hasOwn(keys, current), { error: "has no key of the name that `current` says" });
type File = z.output<typeof File>;

/**
 * Keys by which the registry's secrets are sealed: a file beside the registry, for its owner alone, that no backup of the registry has in it.
 * What is sealed names its key, so that a new one can be taken at any time.
 */
export class Keyring {
  private read: File | undefined;

  private constructor(
    private readonly path: string,
    private readonly sealedBy: readonly string[],
  ) {}

  /**
   * @param path of the file; made, with one key, once something is sealed and there is none
   * @param sealedBy names of the keys by which something is sealed already
   * @throws TenantError that says nothing of the keys
   */
  static open(path: string, sealedBy: readonly string[] = []): Keyring {
    const keyring = new Keyring(path, sealedBy);
    keyring.file();
    return keyring;
  }

  /** Nothing while nobody has sealed anything; another process may be the first. */
  private file(): File | undefined {
    return (this.read ??= existsSync(this.path) ? fileIn(this.path) : undefined);
  }

  /**
   * Sees to it that this is the keyring by which the registry's secrets are sealed. With another one, each of two workers would seal what the other
   * cannot open.
   *
   * @throws TenantError that names the keys which it has not
   */
  check(): void {
    const { path, sealedBy } = this;
    const file = this.file();
    const missing = sealedBy.filter((name) => !Object.hasOwn(file?.keys ?? {}, name));
    if (missing.length === 0) return;
    const none = file === undefined;
    const what = none ? `there is no keyring ${path}` : `the keyring ${path} is another's`;
    throw new TenantError("unavailable", `${what}: the registry's secrets are sealed by ${missing.map((name) => `"${name}"`).join(", ")}`, {
      remedy: [
        "export STACKYARD_TENANTS_KEYRING=<keyring>   # that of the machine which has sealed them, or of its backup",
        ...(none ? [`cp <keyring> ${path}   # or there`] : []), // never over another one
      ],
    });
  }

  /** Name of the key that seals now. */
  private current(): string {
    this.check();
    return (this.file() ?? made(this.path)).current;
  }

  /**
   * Seals a text for one place: opened for another, it is refused.
   *
   * @throws TenantError as `check`
   */
  seal(text: string, place: string): string {
    const name = this.current();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keyOf(name), nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${name}:${sealed.toString("base64")}`;
  }

  /** @throws TenantError where the key is not in the keyring, or what is sealed was changed or is of another place */
  unseal(sealed: string, place: string): string {
    const [name = "", text = ""] = sealed.split(":");
    const bytes = Buffer.from(text, "base64");
    const decipher = createDecipheriv(CIPHER, this.keyOf(name), bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      throw new TenantError(
        "unavailable",
        `what the registry has sealed for ${place} cannot be opened: it was changed, or the keyring is another's`,
      );
    }
  }

  /** What tells a text from others without saying it, to who has no key. */
  mark(text: string, name = this.current()): string {
    return `${name}:${createHmac("sha256", this.keyOf(name)).update(text).digest("base64")}`;
  }

  /** Whether a text is the one that a mark was made of. */
  isMark(mark: string, text: string): boolean {
    return this.mark(text, mark.split(":")[0]) === mark;
  }

  private keyOf(name: string): Buffer {
    const { keys = {} } = this.file() ?? {};
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (key === undefined)
      throw new TenantError("unavailable", `the keyring ${this.path} has no key "${name}", by which something of the registry is sealed`);
    return Buffer.from(key, "base64");
  }
}

function fileIn(path: string): File {
  try {
    return File.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new TenantError(
      "unavailable",
      `the keyring ${path} cannot be read: it is no JSON of the form {"current":"<name>","keys":{"<name>":"<32 bytes, base64>"}}`,
    );
  }
}

/** Makes a keyring of one new key; of two processes that do at a time, both get the first one's. */
function made(path: string): File {
  const name = `${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}`;
  const file: File = { current: name, keys: { [name]: randomBytes(KEY_BYTES).toString("base64") } };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(file), { mode: 0o600 });
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(unfinished);
  }
  return fileIn(path);
}
