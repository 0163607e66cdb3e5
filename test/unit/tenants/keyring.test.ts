import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Keyring } from "../../../tenants/keyring";

describe("the keyring of the tenants' registry", () => {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const path = join(folder, "own", "keyring.json");
  after(() => rmSync(folder, { recursive: true }));

  it("is made where there is none, for its owner alone, and opens what it has sealed", () => {
    const sealed = Keyring.open(path).seal("the-key-of-alice", "alice/1");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(!sealed.includes("the-key-of-alice") && !sealed.includes(Buffer.from("the-key-of-alice").toString("base64")));
    assert.equal(Keyring.open(path).unseal(sealed, "alice/1"), "the-key-of-alice");
  });

  it("opens nothing for another tenant, or once it was changed", () => {
    const keyring = Keyring.open(path);
    const sealed = keyring.seal("the-key-of-alice", "alice/1");
    assert.throws(() => keyring.unseal(sealed, "bob/1"), /sealed for bob\/1 cannot be opened/);
    const changed = sealed.slice(0, -4) + (sealed.endsWith("AAAA") ? "BBBB" : "AAAA");
    assert.throws(() => keyring.unseal(changed, "alice/1"), /cannot be opened/);
  });

  /** Gives the keyring another key, by which it seals from now on. */
  const renew = (current: string) => {
    const { keys } = JSON.parse(readFileSync(path, "utf8")) as { keys: Record<string, string> };
    writeFileSync(path, JSON.stringify({ current, keys: { ...keys, [current]: randomBytes(32).toString("base64") } }));
  };

  it("seals by a new key once it has one, and still opens what the old one has sealed", () => {
    const old = Keyring.open(path).seal("the-key-of-alice", "alice/1");
    renew("new");
    const keyring = Keyring.open(path);
    assert.ok(keyring.seal("x", "y").startsWith("new:") && !old.startsWith("new:"));
    assert.equal(keyring.unseal(old, "alice/1"), "the-key-of-alice");
  });

  it("is made once something is sealed, by the first of those who seal at a time, and never beside another", () => {
    const own = join(folder, "first", "keyring.json");
    const [one, other] = [Keyring.open(own), Keyring.open(own)];
    one.check();
    assert.ok(!existsSync(own));
    const sealed = one.seal("the-key-of-alice", "alice/1");
    assert.equal(other.unseal(sealed, "alice/1"), "the-key-of-alice");
    assert.equal(other.seal("x", "y").split(":")[0], sealed.split(":")[0]);
    Keyring.open(own, [sealed.split(":")[0] ?? ""]).check();

    const none = join(folder, "none", "keyring.json");
    for (const [file, says] of [
      [none, /there is no keyring .*: the registry's secrets are sealed by "theirs"$/],
      [own, /the keyring .* is another's: the registry's secrets are sealed by "theirs"$/],
    ] as const) {
      for (const use of [(keyring: Keyring) => keyring.check(), (keyring: Keyring) => keyring.seal("x", "y")])
        assert.throws(() => use(Keyring.open(file, ["theirs"])), says);
    }
    assert.ok(!existsSync(none));
  });

  it("marks a text so that it is known again, by no other keyring", () => {
    const mark = Keyring.open(path).mark("a request");
    renew("newer");
    const keyring = Keyring.open(path);
    assert.ok(keyring.isMark(mark, "a request") && !keyring.isMark(mark, "another"));
    assert.throws(() => Keyring.open(join(folder, "other.json")).isMark(mark, "a request"), /has no key/);
  });

  it("is refused whole where it cannot be read, and nothing of it is shown", () => {
    const broken = join(folder, "broken.json");
    writeFileSync(broken, readFileSync(path, "utf8").replace(/"[A-Za-z0-9+/=]{44}"/, '"c2hvcnQ="'));
    assert.throws(
      () => Keyring.open(broken),
      ({ message }: Error) => message.includes("cannot be read") && !message.includes("c2hvcnQ="),
    );
  });
});
