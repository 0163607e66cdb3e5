import { strict as assert } from "node:assert";
import { SYSTEMS, wayBack, type Update } from "../../cli/images";
import { dataLost, type PlannedStep } from "../../cli/changes";
import { withImages } from "../../cli/stack-file";

const update = (startTime: string, sections: Record<string, unknown>, result = "succeeded", kind = "update"): Update => ({
  kind,
  result,
  startTime,
  config: Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [`stackyard:${name}`, { value: JSON.stringify(section), secret: false }]),
  ),
});
const starter = (tag: string) => ({ starter: { api: { image: `ghcr.io/org/api:${tag}`, replicas: 2 } } });
const change = (from: string, to: string) => ({
  path: ["stackyard:starter", "api", "image"],
  from: `ghcr.io/org/api:${from}`,
  to: `ghcr.io/org/api:${to}`,
});

describe("the way back of a rollback", () => {
  it("leads to the images of the last update that succeeded with others", () => {
    const back = wayBack(
      [update("4", starter("3")), update("3", starter("3")), update("2", starter("2")), update("1", starter("1"))],
      SYSTEMS,
    );
    assert.equal(back?.to.startTime, "2");
    assert.deepEqual(back?.changes, [change("3", "2")]);
  });

  it("begins at an update that failed, too, and leads to none", () => {
    const failed = (time: string, tag: string) => update(time, starter(tag), "failed");
    const back = wayBack([failed("3", "bad"), failed("2", "worse"), update("1", starter("1"))], SYSTEMS);
    assert.equal(back?.to.startTime, "1");
    assert.deepEqual(back?.changes, [change("bad", "1")]);
  });

  it("leads to the same again, and not further, where it was gone before and failed", () => {
    const failed = (time: string, tag: string) => update(time, starter(tag), "failed");
    const earlier = [update("2", starter("2")), update("1", starter("1"))];
    const again = wayBack([failed("4", "2"), failed("3", "bad"), ...earlier], SYSTEMS);
    assert.deepEqual([again?.to.startTime, again?.changes], ["2", [change("bad", "2")]]);
    // what has failed for another reason goes back from where it is
    assert.deepEqual(wayBack([failed("3", "2"), ...earlier], SYSTEMS)?.changes, [change("2", "1")]);
    assert.deepEqual(wayBack([failed("5", "2"), update("4", starter("2")), failed("3", "bad"), ...earlier], SYSTEMS)?.changes, [
      change("2", "1"),
    ]);
  });

  it("passes over refreshes and previews", () => {
    const back = wayBack(
      [update("3", starter("x"), "succeeded", "refresh"), update("2", starter("2")), update("1", starter("1"))],
      SYSTEMS,
    );
    assert.deepEqual(back?.changes, [change("2", "1")]);
  });

  it("of one system looks at no other", () => {
    const both = (api: string, tag: string) => ({ ...starter(api), plinko: { plinkoPirServer: { image: { tag } } } });
    const history = [update("3", both("2", "1.1")), update("2", both("1", "1.1")), update("1", both("1", "1.0"))];
    assert.equal(wayBack(history, ["starter"])?.to.startTime, "2");
    assert.deepEqual(wayBack(history, ["plinko"]), {
      to: history[2],
      changes: [{ path: ["stackyard:plinko", "plinkoPirServer", "image", "tag"], from: "1.1", to: "1.0" }],
    });
    assert.equal(wayBack(history, ["dotdo"]), undefined);
  });

  it("knows images by their parts, and what was not said then", () => {
    const image = (parts: object) => ({ dotdo: { image: parts, env: { tag: "no image" }, imagePullSecrets: ["x"] } });
    const back = wayBack(
      [update("2", image({ tag: "2", digest: "sha256:b", pullPolicy: "Always" })), update("1", image({ tag: "1" }))],
      SYSTEMS,
    );
    assert.deepEqual(back?.changes, [
      { path: ["stackyard:dotdo", "image", "tag"], from: "2", to: "1" },
      { path: ["stackyard:dotdo", "image", "digest"], from: "sha256:b" },
    ]);
  });

  it("is none where there were never others, nor any update", () => {
    assert.equal(wayBack([update("2", starter("1")), update("1", starter("1"))], SYSTEMS), undefined);
    assert.equal(wayBack([], SYSTEMS), undefined);
  });
});

describe("a stack's file with the images before", () => {
  const FILE =
    "# ours\nconfig:\n  stackyard:starter:\n    api:\n      # the API\n      image: ghcr.io/org/api:bad\n    web: { image: { tag: 2, digest: x } }\n";

  it("keeps all that people have written beside them", () => {
    const path = ["stackyard:starter", "api", "image"];
    assert.equal(withImages(FILE, [{ path, to: "ghcr.io/org/api:1" }]), FILE.replace("ghcr.io/org/api:bad", '"ghcr.io/org/api:1"'));
  });

  it("has a tag of digits as text, and not what was not said then", () => {
    const web = ["stackyard:starter", "web", "image"];
    const changed = withImages(FILE, [
      { path: [...web, "tag"], to: "20260101" },
      { path: [...web, "digest"], from: "x" },
    ]);
    assert.match(changed, /web: \{ image: \{ tag: "20260101" \} \}/);
  });
});

describe("what a rollback would do to data", () => {
  const planned = (op: string, type: string): PlannedStep => ({
    op,
    urn: `urn:pulumi:dev::stackyard::stackyard:Starter$kubernetes:${type}::starter-it`,
  });

  it("is refused where it changes what holds them, or takes away what owns it", () => {
    assert.deepEqual(dataLost([planned("update", "core/v1:PersistentVolumeClaim")]), [
      "update starter-it (kubernetes:core/v1:PersistentVolumeClaim)",
    ]);
    assert.equal(dataLost([planned("delete", "core/v1:Namespace"), planned("replace", "apps/v1:StatefulSet")]).length, 2);
  });

  it("is nothing where it updates workloads, makes Jobs, or takes old ones away", () => {
    const steps = [
      planned("update", "apps/v1:StatefulSet"),
      planned("update", "apps/v1:Deployment"),
      planned("delete-replaced", "batch/v1:Job"),
      planned("create", "core/v1:PersistentVolumeClaim"),
    ];
    assert.deepEqual(dataLost(steps), []);
  });
});
