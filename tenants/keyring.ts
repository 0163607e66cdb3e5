import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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
  private constructor(
    private readonly path: string,
    private file: File,
  ) {}

  /**
   * @param path of the file; made, with one key, where there is none
   * @throws TenantError that says nothing of the keys
   */
  static open(path: string): Keyring {
    if (!existsSync(path)) {
      const keyring = new Keyring(path, withNew({ current: "", keys: {} }));
      keyring.write();
      return keyring;
    }
    try {
      return new Keyring(path, File.parse(JSON.parse(readFileSync(path, "utf8"))));
    } catch {
      throw new TenantError(
        "unavailable",
        `the keyring ${path} cannot be read: it is no JSON of the form {"current":"<name>","keys":{"<name>":"<32 bytes, base64>"}}`,
      );
    }
  }

  /** Name of the key that seals now. */
  get current(): string {
    return this.file.current;
  }

  /** Seals a text for one place: opened for another, it is refused. */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keyOf(this.current), nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${this.current}:${sealed.toString("base64")}`;
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
  mark(text: string, name = this.current): string {
    return `${name}:${createHmac("sha256", this.keyOf(name)).update(text).digest("base64")}`;
  }

  /** Whether a text is the one that a mark was made of. */
  isMark(mark: string, text: string): boolean {
    return this.mark(text, mark.split(":")[0]) === mark;
  }

  /** Whether something is sealed by the current key. */
  isCurrent = (sealed: string): boolean => sealed.startsWith(`${this.current}:`);

  /** Seals by a new key from now on. The old ones stay, for what they have sealed. */
  renew(): void {
    this.file = withNew(this.file);
    this.write();
  }

  private keyOf(name: string): Buffer {
    const key = Object.hasOwn(this.file.keys, name) ? this.file.keys[name] : undefined;
    if (key === undefined)
      throw new TenantError("unavailable", `the keyring ${this.path} has no key "${name}", by which something of the registry is sealed`);
    return Buffer.from(key, "base64");
  }

  private write(): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const unfinished = `${this.path}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(this.file), { mode: 0o600 });
    renameSync(unfinished, this.path);
  }
}

function withNew({ keys }: File): File {
  const name = `${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}`;
  return { current: name, keys: { ...keys, [name]: randomBytes(KEY_BYTES).toString("base64") } };
}
