import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CHARTS } from "../../components/platform/versions";

const SANDBOX = "sandbox/charts";
const charts = Object.values(CHARTS);

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
}
const { customManagers } = JSON.parse(readFileSync("renovate.json", "utf8")) as { customManagers: Manager[] };

/** `chart@version` of what Renovate reads out of a file. */
const found = (file: string): string[] =>
  customManagers
    .filter(({ managerFilePatterns }) => managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)))
    .flatMap(({ matchStrings }) => matchStrings.flatMap((match) => [...readFileSync(file, "utf8").matchAll(new RegExp(match, "g"))]))
    .map(({ groups = {} }) => `${groups["depName"] ?? groups["chart"]}@${groups["currentValue"]}`);

describe("platform: versions", () => {
  it("are full versions, of a repository that is named", () => {
    for (const { chart, repository, version } of charts) {
      assert.match(version, /^v?\d+\.\d+\.\d+$/, `${chart} is not pinned to one version`);
      assert.match(repository, /^(https|oci):\/\/[^/]+(\/[^/]+)*$/, `${chart} comes from nowhere`);
    }
  });

  it("are found by the bot that updates them, each of them", () => {
    const all = charts.map(({ chart, version }) => `${chart}@${version}`);
    assert.deepEqual(found("components/platform/versions.ts").sort(), [...all].sort());
    assert.deepEqual(found("components/platform/velero-options.ts"), ["docker.io/velero/velero-plugin-for-aws@v1.14.3"]);
    const played = readdirSync(SANDBOX, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(played.flatMap(({ name }) => found(join(SANDBOX, name, "Chart.yaml"))).sort(), [...all].sort());
  });

  it("are those that the sandbox plays", () => {
    for (const { chart, repository, version } of charts) {
      const played = parse(readFileSync(join(SANDBOX, chart, "Chart.yaml"), "utf8")) as Record<string, string>;
      assert.deepEqual({ version: played["version"], repository: played["home"] }, { version, repository }, chart);
    }
  });
});
