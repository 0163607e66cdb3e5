import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import type { PlatformArgs } from "../../components/platform";
import { rulesOf, runbookOf, SYSTEMS, type System } from "../../components/observability";
import { at, named } from "./components/engine";
import { kinds, planned } from "./platform-given";

const systems: readonly System[] = Object.values(SYSTEMS);
const namesOf = async (args: PlatformArgs, kind: string) => kinds((await planned(args)).resources, kind).map(({ name }) => name);
const alerts = (...names: string[]) => names.map((name) => `platform-${name}-alerts`);

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly { readonly title: string; readonly gridPos: { x: number; y: number; w: number; h: number } }[];
}

describe("alerts and dashboards of the systems", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  for (const system of systems) {
    it(`of ${system.name} link each to a heading of its runbook, which has no other`, () => {
      const page = readFileSync(`docs/runbooks/${system.name}.md`, "utf8");
      const [, part = ""] = page.split("\n## Alerts\n");
      const headings = [...(part.split("\n## ")[0] ?? "").matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading);
      // an anchor is its heading in small letters
      assert.deepEqual(
        headings.map((heading) => `${system.name}.md#${heading.toLowerCase()}`),
        system.alerts.map((alert) => runbookOf(system, alert)),
      );
    });
  }

  it("say severity, system, summary, description and runbook, under the address that is given", () => {
    for (const system of systems) {
      for (const { labels, annotations, alert } of rulesOf(system, "https://git.example.com/runbooks/").groups[0]!.rules) {
        assert.ok(["critical", "warning"].includes(labels.severity), alert);
        assert.equal(labels.system, system.name);
        assert.match(annotations.summary, /\.$/, alert);
        assert.ok(annotations.description.length > annotations.summary.length, alert);
        assert.ok(annotations.runbook_url.startsWith(`https://git.example.com/runbooks/${system.name}.md#`), annotations.runbook_url);
      }
    }
  });

  it("are named once over all systems", () => {
    const all = systems.flatMap(({ alerts }) => alerts.map(({ name }) => name));
    assert.equal(new Set(all).size, all.length);
  });

  it("are made where there is a Prometheus, with what it passes rules over without", async () => {
    assert.deepEqual(await namesOf({}, "PrometheusRule"), []);
    assert.deepEqual((await namesOf({ prometheus: {} }, "PrometheusRule")).sort(), alerts("dotdo", "fluxiondb", "plinko", "starter"));
    const existing = { existing: true, namespace: "watch", serviceMonitorLabels: { release: "ours" }, systems: ["plinko"] } as const;
    const { resources } = await planned({ prometheus: { ...existing, systems: ["plinko"] } });
    assert.deepEqual(
      kinds(resources, "PrometheusRule").map(({ name }) => name),
      alerts("plinko"),
    );
    const rule = named(resources, "platform-plinko-alerts");
    assert.equal(at(rule, "metadata.namespace"), "watch");
    assert.equal((at(rule, "metadata.labels") as Record<string, string>)["release"], "ours");
    assert.deepEqual(kinds(resources, "Namespace"), []);
  });

  it("have a dashboard each, which Grafana's sidecar finds, unless there is no Grafana", async () => {
    assert.deepEqual(await namesOf({ prometheus: { grafana: false } }, "ConfigMap"), []);
    const { resources } = await planned({ prometheus: {} });
    const uids = kinds(resources, "ConfigMap").map(({ inputs }) => {
      assert.equal((at(inputs, "metadata.labels") as Record<string, string>)["grafana_dashboard"], "1");
      const [[file, text] = ["", ""], ...others] = Object.entries(at(inputs, "data") as Record<string, string>);
      assert.match(file, /^stackyard-\w+\.json$/);
      assert.deepEqual(others, []);
      return (JSON.parse(text) as Dashboard).uid;
    });
    assert.equal(uids.length, systems.length);
    assert.equal(new Set(uids).size, uids.length);
  });

  it("have panels that lie beside each other, and never over each other", async () => {
    const { resources } = await planned({ prometheus: {} });
    for (const { inputs, name } of kinds(resources, "ConfigMap")) {
      const { panels } = JSON.parse(Object.values(at(inputs, "data") as Record<string, string>)[0]!) as Dashboard;
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
      );
      assert.equal(new Set(cells).size, cells.length, name);
      assert.ok(
        panels.every(({ gridPos: { x, w } }) => x + w <= 24),
        name,
      );
    }
  });
});
