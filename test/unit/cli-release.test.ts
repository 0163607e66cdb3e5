import { strict as assert } from "node:assert";
import {
  beside,
  isTag,
  KEPT,
  outdated,
  recordOf,
  releasesIn,
  retagged,
  reversed,
  tagNameOf,
  tagsBefore,
  type Release,
} from "../../cli/releases";

const image = (component: string, from: string, to: string) => ({ path: ["stackyard:starter", component, "image"], from, to });

describe("the images of a release", () => {
  it("are those that the section names, each of its repository, under the new tag", () => {
    const section = {
      api: { image: "ghcr.io/org/api:1.4.0", env: {} },
      web: { image: "registry:5000/web:1.4.0" },
      worker: { enabled: true },
    };
    assert.deepEqual(retagged(section, "1.5.0"), [
      image("api", "ghcr.io/org/api:1.4.0", "ghcr.io/org/api:1.5.0"),
      image("web", "registry:5000/web:1.4.0", "registry:5000/web:1.5.0"),
    ]);
  });

  it("lose a digest, which is that of the tag before, and get a tag where there was none", () => {
    const section = { api: { image: "registry:5000/api@sha256:abc" }, web: { image: "web:1@sha256:abc" } };
    assert.deepEqual(
      retagged(section, "2").map(({ to }) => to),
      ["registry:5000/api:2", "web:2"],
    );
    assert.equal(tagsBefore(retagged(section, "2")), "sha256:abc, 1@sha256:abc");
  });

  it("are none where all have the tag, and go back to what they were", () => {
    assert.deepEqual(retagged({ api: { image: "api:1" }, web: { image: "web:1" } }, "1"), []);
    const changes = retagged({ api: { image: "api:1" }, web: { image: "web:2" } }, "2");
    assert.deepEqual(reversed(changes), [image("api", "api:2", "api:1")]);
  });

  it("take tags as registries do", () => {
    for (const tag of ["1.5.0", "v2", "_x", "2026-11-22", "a".repeat(128)]) assert.ok(isTag(tag), tag);
    for (const tag of ["", "-1", ".x", "a:b", "a/b", "a b", "ü", "a".repeat(129)]) assert.ok(!isTag(tag), tag);
  });
});

describe("what a release changes", () => {
  const step = (types: string, op = "update") => ({ op, urn: `urn:pulumi:dev::stackyard::${types}::name` });
  const starter = "stackyard:starter:Starter$kubernetes:";

  it("is Deployments and the migration of the starter, or its chart", () => {
    const own = ["apps/v1:Deployment", "batch/v1:Job", "helm.sh/v3:Release"].map((type) => step(`${starter}${type}`));
    assert.deepEqual(beside([...own, step("stackyard:starter:StarterChart$kubernetes:helm.sh/v3:Release")]), []);
  });

  it("is nothing else of it, and nothing of another system", () => {
    const others = [
      step(`${starter}core/v1:PersistentVolumeClaim`),
      step(`${starter}networking.k8s.io/v1:NetworkPolicy`),
      step("stackyard:dotdo:Dotdo$kubernetes:apps/v1:Deployment"),
      step("kubernetes:core/v1:Namespace"),
    ];
    assert.deepEqual(beside(others), others);
  });
});

describe("the records of releases", () => {
  const record: Release = { at: "2026-11-22T07:41:12.345Z", by: "ops", from: "1.4.0", to: "1.5.0", outcome: "rolled back", seconds: 71 };
  const tags = (releases: readonly Release[]) => Object.fromEntries(releases.map((release) => [tagNameOf(release), recordOf(release)]));

  it("are read as they were written, the newest first, among tags of others", () => {
    const later: Release = { ...record, at: "2026-11-23T00:00:00.000Z", outcome: "succeeded" };
    assert.deepEqual(releasesIn({ "pulumi:project": "x", ...tags([record, later]) }), [later, record]);
  });

  it("fit into a tag of a stack, by its name and its value", () => {
    assert.match(tagNameOf(record), /^[a-zA-Z0-9\-_.:]{1,40}$/);
    const long = recordOf({ ...record, why: 'pods-ready: "x" '.repeat(40) });
    assert.ok(long.length <= 256, `${long.length}`);
    assert.match((JSON.parse(long) as Release).why ?? "", /^pods-ready: "x"/);
  });

  it("are kept up to a number", () => {
    const many = Array.from({ length: KEPT + 2 }, (_, second) => ({ ...record, at: new Date(second * 1000).toISOString() }));
    assert.deepEqual(outdated(tags(many)), [tagNameOf(many[1]!), tagNameOf(many[0]!)]);
  });
});
