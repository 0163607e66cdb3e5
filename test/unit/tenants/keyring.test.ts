import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

  it("seals by a new key once it is renewed, and still opens what the old one has sealed", () => {
    const keyring = Keyring.open(path);
    const old = keyring.seal("the-key-of-alice", "alice/1");
    keyring.renew();
    assert.ok(!keyring.isCurrent(old) && keyring.isCurrent(keyring.seal("x", "y")));
    assert.equal(Keyring.open(path).unseal(old, "alice/1"), "the-key-of-alice");
  });

  it("marks a text so that it is known again, by no other keyring", () => {
    const keyring = Keyring.open(path);
    const mark = keyring.mark("a request");
    keyring.renew();
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
