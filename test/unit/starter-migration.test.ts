import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { StarterArgs } from "../../components/starter";
import { MIGRATE } from "../../components/starter/migration";
import { at, named } from "./components/engine";
import { containerOf, given, names, planned, production, variables } from "./starter-given";

const withTag = (tag: string) => given(production, { api: { image: `registry.example.com/app-api:${tag}` } });
const job = async (args: StarterArgs, name = "starter") => named(await planned(args, name), `${name}-migration`);
const nameOf = async (args: StarterArgs, name?: string) => String(at(await job(args, name), "metadata.name"));

describe("Starter: migration", function () {
  this.timeout(20_000);

  it("has a Job for each release, named after its tag, and the same one for a tag that comes back", async () => {
    const [old, next] = [await nameOf(withTag("1.4.0")), await nameOf(withTag("1.5.0"))];
    assert.match(old, /^starter-migrate-1-4-0-[0-9a-f]{8}$/);
    assert.match(next, /^starter-migrate-1-5-0-[0-9a-f]{8}$/);
    assert.equal(await nameOf(withTag("1.4.0")), old);
    // an image by its digest, and a tag as long as a tag may be
    for (const tag of ["1@sha256:" + "0".repeat(64), "Feature_" + "x".repeat(120)]) {
      const long = await nameOf(withTag(tag), "a-name-of-forty-characters-which-is-most");
      assert.match(long, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, `${long} is ${long.length} long`);
    }
  });

  it("is not run again for what has nothing to do with it", async () => {
    const before = await job(production);
    for (const changes of [
      { web: { image: "registry.example.com/app-web:2.2.0" } },
      { autoscaling: { api: { maxReplicas: 20 } } },
      { api: { resources: { limits: { memory: "2Gi" } }, podLabels: { tier: "gold" }, service: { port: 80 } } },
      { worker: { enabled: true } },
    ]) {
      assert.deepEqual(await job(given(production, changes)), before, JSON.stringify(changes));
    }
  });

  it("runs with the API's image, variables and secrets, and is fenced in like it", async () => {
    const resources = await planned(production);
    const found = variables(resources, "starter-migration");
    const api = variables(resources, "starter-api-pods");
    for (const name of ["ENVIRONMENT", "DATABASE_URL", "SECRET_KEY", "AUTH_KEY_SECRET_NAME"]) assert.equal(found[name], api[name]);
    assert.equal(containerOf(resources, "starter-migration")["image"], "registry.example.com/app-api:1.4.0");
    assert.deepEqual((containerOf(resources, "starter-migration")["command"] as string[]).slice(-3), ["starter-console", "release", "db"]);
    assert.equal(at(named(resources, "starter-migration"), "spec.ttlSecondsAfterFinished"), undefined, "a refresh would run it again");
  });

  it("comes before every pod of the release: one that fails leaves the pods as they are", async () => {
    const waits = new Map<string, string[]>();
    const note = (part: string) => (_: unknown, opts: pulumi.CustomResourceOptions) => {
      const on = [opts.dependsOn ?? []].flat() as pulumi.Resource[];
      waits.set(
        part,
        on.flatMap((resource) => (pulumi.Resource.isInstance(resource) ? resource.constructor.name : [])),
      );
    };
    await planned({
      ...given(production, { worker: { enabled: true } }),
      transform: { pods: { api: note("api"), web: note("web"), worker: note("worker") }, migration: note("migration") },
    });
    for (const part of ["api", "web", "worker"])
      assert.ok(waits.get(part)?.includes("Job"), `${part} waits for ${waits.get(part)?.join()}`);
    assert.deepEqual(waits.get("migration"), ["ServiceAccount", "CustomResource"]);
  });

  it("goes before the next one comes, so that a release which failed does not keep the one before from coming back", async () => {
    let first: boolean | undefined;
    await planned({ ...production, transform: { migration: (_, opts) => (first = opts.deleteBeforeReplace) } });
    assert.equal(first, true);
  });

  it("that has failed is run again by the next try, and is given up by itself before the wait for it ends", async () => {
    const annotations = at(await job(production), "metadata.annotations") as Record<string, string>;
    assert.equal(annotations["pulumi.com/replaceUnready"], "true");
    const deadline = at(await job(production), "spec.activeDeadlineSeconds") as number;
    assert.ok(Number(annotations["pulumi.com/timeoutSeconds"]) > deadline);
  });

  it("is left out where its owner migrates", async () => {
    const resources = await planned(given(production, { migrations: { enabled: false } }));
    assert.deepEqual(
      names(resources).filter((name) => name.includes("migration")),
      [],
    );
    const plainly = await planned(given(production, { migrations: { skipWhenAhead: false, command: ["just", "migrate"] } }));
    assert.deepEqual(containerOf(plainly, "starter-migration")["command"], ["just", "migrate"]);
  });

  describe("script", () => {
    let folder = "";
    before(() => (folder = mkdtempSync(join(tmpdir(), "stackyard-migrate-"))));
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs it under sh, beside an Alembic that answers so, and a program that says that it runs and ends so. */
    const run = (alembic: string, status = 0) => {
      writeFileSync(join(folder, "alembic"), `#!/bin/sh\n${alembic}\n`, { mode: 0o755 });
      writeFileSync(join(folder, "release"), `#!/bin/sh\necho "ran $*"\nexit ${status}\n`, { mode: 0o755 });
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      return spawnSync("/bin/sh", ["-c", MIGRATE, "migrate", "release", "a b", "db"], { env, encoding: "utf8" });
    };

    it("migrates a database that its image knows, and says how that ended", () => {
      const [well, ill] = [run("echo 53bf1997571f"), run("echo 53bf1997571f", 3)];
      assert.deepEqual([well.status, well.stdout], [0, "ran a b db\n"]);
      assert.equal(ill.status, 3);
    });

    it("leaves a database alone that a newer image has migrated, so that a rollback is the tag alone", () => {
      // what Alembic 1.8 says, and how it ends, when the database's revision is in none of its files
      const ahead = run(`echo "FAILED: Can't locate revision identified by '5d8bb5941c92'" >&2; exit 255`, 3);
      assert.equal(ahead.status, 0);
      assert.match(ahead.stdout, /newer image/);
      assert.doesNotMatch(ahead.stdout, /ran/);
    });

    it("takes no other trouble for that, and shows no address that Alembic names", () => {
      const down = run(`echo "could not connect to postgresql://app:pw-77ab@db/app" >&2; exit 1`, 3);
      assert.equal(down.status, 3);
      assert.match(down.stdout, /ran/);
      assert.doesNotMatch(down.stdout + down.stderr, /pw-77ab/);
    });
  });

  it("is what the component runs", async () => {
    assert.ok((containerOf(await planned(production), "starter-migration")["command"] as string[]).includes(MIGRATE));
  });
});
