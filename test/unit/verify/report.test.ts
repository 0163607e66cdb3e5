import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { CHECKS } from "../../../verify/checks";
import { exists, namespaceActive } from "../../../verify/checks/objects";
import { deployedIn } from "../../../verify/deployed";
import { POINTS, type Point } from "../../../verify/points";
import { junitOf, recordsOf, summaryOf, textOf } from "../../../verify/report";
import { verify } from "../../../verify/run";
import { worldOf } from "./given";

const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name }, status: { phase: "Active" } });
const results = () =>
  verify(worldOf({ live: [namespace("here")], deployed: [namespace("here"), namespace("gone<&>")] }), [exists, namespaceActive]);

describe("verify", () => {
  it("ticks every point of the systems' checklists", () => {
    const ticked = new Set(CHECKS.flatMap(({ source }) => source));
    assert.deepEqual(
      (Object.keys(POINTS) as Point[]).filter((point) => !ticked.has(point)),
      [],
    );
  });

  it("has a row of its own name for each question", () => {
    assert.equal(new Set(CHECKS.map(({ id }) => id)).size, CHECKS.length);
  });

  it("says each row in docs/verify.md", () => {
    const docs = readFileSync("docs/verify.md", "utf8");
    const said = CHECKS.map(({ id, title, source }) => `| \`${id}\` | ${title} | ${source.join(", ")} |`);
    assert.deepEqual(
      said.filter((row) => !docs.replace(/ +/g, " ").includes(row)),
      [],
    );
  });

  it("takes what is deployed from the state: by the names that Pulumi made, of the system, and of releases", () => {
    const urn = (name: string) => `urn:pulumi:prod::stackyard::kubernetes:core/v1:Secret::${name}`;
    const inputs = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "api" } };
    const resourceNames = {
      "Deployment.apps/apps/v1": ["edge/envoy"],
      "Service/v1": ["proxy"],
      "ClusterRole.rbac.authorization.k8s.io/rbac.authorization.k8s.io/v1": ["envoy"],
    };
    const found = deployedIn([
      { urn: urn("starter-secret"), type: "kubernetes:core/v1:Secret", id: "api/starter-secret-1a2b", inputs },
      { urn: urn("starters"), type: "kubernetes:core/v1:Secret", id: "starters", inputs },
      { urn: urn("edge"), type: "kubernetes:helm.sh/v3:Release", id: "edge/envoy", outputs: { resourceNames } },
      { urn: urn("key"), type: "random:index/randomPassword:RandomPassword", id: "none" },
    ]);
    assert.deepEqual(
      found.map(({ system, apiVersion, kind, namespace, name }) => [system, apiVersion, kind, namespace, name]),
      [
        ["starter", "v1", "Secret", "api", "starter-secret-1a2b"],
        ["platform", "v1", "Secret", undefined, "starters"],
        ["platform", "apps/v1", "Deployment", "edge", "envoy"],
        ["platform", "v1", "Service", "edge", "proxy"],
        ["platform", "rbac.authorization.k8s.io/v1", "ClusterRole", "edge", "envoy"],
      ],
    );
  });

  it("tells people each row once, and under it what is red and what to type next", async () => {
    assert.equal(
      textOf(await results()),
      [
        "plinko",
        "  ✘ everything that was deployed is there (1 of 2 are not)",
        "      Namespace gone<&>: is not there",
        "        kubectl describe namespace/gone<&>",
        "  ✔ namespaces are active (1)",
      ].join("\n"),
    );
    assert.equal(summaryOf(await results()), "2 passed, 1 failed, 0 not looked at");
  });

  it("tells programs each object, with the points of its system that are ticked", async () => {
    const [here, gone] = recordsOf(await results());
    assert.deepEqual(here, {
      check: "exists",
      source: ["plinko-1"],
      system: "plinko",
      apiVersion: "v1",
      kind: "Namespace",
      namespace: undefined,
      name: "here",
      status: "passed",
      found: "is there",
    });
    assert.equal(gone?.next, "kubectl describe namespace/gone<&>");
  });

  it("tells CI by JUnit's XML, in which nothing that is found is markup", async () => {
    const xml = junitOf(await results(), "dev", 1.5);
    assert.match(xml, /<testsuites name="stackyard verify dev" tests="3" failures="1" skipped="0" time="1.500">/);
    assert.match(xml, /<testsuite name="dev.plinko" tests="3" failures="1" skipped="0">/);
    assert.match(xml, /<testcase classname="exists" name="Namespace here"\/>/);
    assert.match(xml, /name="Namespace gone&#60;&#38;&#62;"><failure message="is not there">[^<]*kubectl describe/);
  });
});
