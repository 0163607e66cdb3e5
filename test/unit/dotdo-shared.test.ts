import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { DotdoSection } from "../../config/dotdo";
import { completed, offeredBy, type Offer } from "../../stacks/dotdo-shared";

const OFFER: Offer = {
  stack: "prod",
  image: "ghcr.io/dot-do/dotdo:1.4.0",
  env: { TURSO_URL: "libsql://do.turso.io", R2_ENDPOINT: "https://r2.example.com", R2_BUCKET: "iceberg", DO_IDLE_TIMEOUT: 90000 },
  secrets: ["tursoToken", "r2AccessKey", "r2SecretKey", "apiKey"],
};
const taken = (given: object, offer: Partial<Offer> = {}) => {
  const { given: whole, secrets } = completed("fly", { sharedFrom: "prod", ...given }, { ...OFFER, ...offer });
  return { section: DotdoSection.parse(whole), secrets };
};
const refusal = (given: object, offer: Partial<Offer> = {}): string => {
  try {
    taken(given, offer);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error.message;
  }
  return assert.fail("nothing was refused");
};

describe("what homes of one dotdo share", () => {
  it("is image, addresses and timeouts, without what means nothing elsewhere or is a home's own", () => {
    const section = DotdoSection.parse({
      image: { tag: "1.4.0", digest: `sha256:${"a".repeat(64)}` },
      env: {
        LOG_LEVEL: "warn",
        TURSO_URL: "http://libsql.data.svc:8080",
        R2_ENDPOINT: "https://r2.example.com",
        REDIS_URL: "redis://:pw@redis.example.com",
        DO_MAX_CONCURRENT: 5000,
        DO_RPC_TIMEOUT: 60000,
      },
    });
    assert.deepEqual(offeredBy(section), {
      image: `ghcr.io/dot-do/dotdo:1.4.0@sha256:${"a".repeat(64)}`,
      env: { R2_ENDPOINT: "https://r2.example.com", DO_IDLE_TIMEOUT: 60000, DO_RPC_TIMEOUT: 60000 },
    });
  });

  it("is taken where the section does not say it itself", () => {
    const { section, secrets } = taken({});
    assert.deepEqual(section.image, { repository: "ghcr.io/dot-do/dotdo", tag: "1.4.0", pullPolicy: "IfNotPresent" });
    assert.deepEqual(
      [section.env.TURSO_URL, section.env.R2_BUCKET, section.env.DO_IDLE_TIMEOUT, section.env.DO_RPC_TIMEOUT],
      ["libsql://do.turso.io", "iceberg", 90000, 30000],
    );
    assert.deepEqual(secrets, ["tursoToken", "r2AccessKey", "r2SecretKey", "apiKey"]);
  });

  it("is the section's where it says it, also where that is the default", () => {
    const given = { image: { repository: "registry.fly.io/dotdo", tag: "2" }, env: { DO_IDLE_TIMEOUT: 60000, TURSO_URL: "" } };
    const { section, secrets } = taken({ ...given, secrets: { apiKey: "own", r2AccessKey: "a", r2SecretKey: "b" } });
    assert.equal(section.env.DO_IDLE_TIMEOUT, 60000);
    assert.equal(section.env.TURSO_URL, "");
    assert.deepEqual([section.image.repository, section.image.tag], ["registry.fly.io/dotdo", "2"]);
    assert.deepEqual(secrets, []);
  });

  it("is of an image the version, whichever registry the section takes it from", () => {
    const digest = `sha256:${"b".repeat(64)}`;
    const { section } = taken({ image: { repository: "registry.fly.io/dotdo" } }, { image: `localhost:5000/dotdo:3@${digest}` });
    assert.deepEqual([section.image.repository, section.image.tag, section.image.digest], ["registry.fly.io/dotdo", "3", digest]);
  });

  it("gives no key of one store to another", () => {
    const { secrets } = taken({ env: { R2_ENDPOINT: "https://fly.storage.tigris.dev", TURSO_URL: "libsql://other.turso.io" } });
    assert.deepEqual(secrets, ["apiKey"]);
    assert.deepEqual(taken({ env: { R2_ENDPOINT: "https://r2.example.com" } }).secrets, OFFER.secrets);
  });

  it("leaves secrets alone where the section has them from a Secret that exists, or wants none", () => {
    for (const secrets of [{ existingSecret: "keys" }, { create: false }])
      assert.deepEqual(taken({ secrets }, { secrets: [] }).secrets, []);
  });

  it("reaches dotdo by its own chart, too", () => {
    const { section } = taken({ chart: { path: "./chart" } });
    assert.deepEqual([section.chart?.path, section.image.tag, section.env.TURSO_URL], ["./chart", "1.4.0", "libsql://do.turso.io"]);
  });

  it("gives way to data services beside it", () => {
    const { section, secrets } = taken({ backing: { libsql: {}, minio: {} } });
    assert.deepEqual([section.env.TURSO_URL, section.env.R2_ENDPOINT, secrets], ["", "", ["apiKey"]]);
  });

  it("is refused where neither has what is needed, all at once, with what to type in either stack", () => {
    const said = refusal({}, { image: undefined, secrets: ["r2AccessKey"] });
    assert.match(said, /stack "fly" takes of the dotdo of stack "prod" what is not there; nothing was changed/);
    assert.deepEqual(said.match(/^[\w.]+$/gm), ["dotdo.image", "secrets.dotdo.tursoToken", "secrets.dotdo.r2SecretKey"]);
    assert.match(said, /config set --stack prod --secret --path 'stackyard:secrets\.dotdo-turso-token' {3}# shares it/);
    assert.match(said, /config set --stack fly --plaintext --path 'stackyard:dotdo\.secrets\.tursoToken' dotdo-turso-token/);
    assert.match(said, /config set --stack fly --path 'stackyard:dotdo\.image\.tag'/);
  });

  it("is refused of a stack that an older Stackyard brought up", () => {
    assert.match(
      refusal({ image: { tag: "1" } }, { env: undefined }),
      /^dotdo\.env\n.*\n {2}\$ pulumi up --stack prod .*older Stackyard$/m,
    );
  });
});
