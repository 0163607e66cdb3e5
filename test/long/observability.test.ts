import { strict as assert } from "node:assert";
import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { rulesOf, SYSTEMS, type Alert, type System } from "../../components/observability";
import { ensure } from "../../sandbox/toolchain";

const systems: readonly System[] = Object.values(SYSTEMS);
const RUNBOOKS = "docs/runbooks";

type Labels = Readonly<Record<string, string>>;
/** Series by their values, one a minute, in promtool's own writing: `1x40` is 1 for forty minutes. */
type World = Readonly<Record<string, string>>;

const selector = (labels: Labels): string =>
  `{${Object.entries({ namespace: "n", ...labels })
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ")}}`;
const series = (metric: string, labels: Labels, values: string): World => ({ [`${metric}${selector(labels)}`]: values });
const FOREVER = "x120";

/** One alert, tried: it is to fire with these labels in one world, and to be silent in the others. */
interface Trial {
  readonly labels: Labels;
  readonly fires: World;
  readonly silent: Readonly<Record<string, World>>;
}

const deployment = (name: string, available: number, wanted: number): World => ({
  ...series("kube_deployment_status_replicas_available", { deployment: name }, `${available}${FOREVER}`),
  ...series("kube_deployment_spec_replicas", { deployment: name }, `${wanted}${FOREVER}`),
});
const progressing = (name: string, is: boolean): World =>
  Object.assign(
    {},
    ...["true", "false", "unknown"].map((status) =>
      series(
        "kube_deployment_status_condition",
        { deployment: name, condition: "Progressing", status },
        `${status === `${is}` ? 1 : 0}${FOREVER}`,
      ),
    ),
  ) as World;
const memory = (labels: Labels, used: number): World => ({
  ...series("container_memory_working_set_bytes", { ...labels, image: "i" }, `${used}${FOREVER}`),
  ...series("kube_pod_container_resource_limits", { ...labels, resource: "memory", unit: "byte", node: "a" }, `100${FOREVER}`),
  ...series("kube_pod_container_resource_limits", { ...labels, resource: "cpu", unit: "core", node: "a" }, `1${FOREVER}`),
});
const restarts = (labels: Labels, values: string) => series("kube_pod_container_status_restarts_total", labels, values);
const autoscaler = (name: string, pods: number): World => ({
  ...series("kube_horizontalpodautoscaler_status_current_replicas", { horizontalpodautoscaler: name }, `${pods}${FOREVER}`),
  ...series("kube_horizontalpodautoscaler_spec_max_replicas", { horizontalpodautoscaler: name }, `10${FOREVER}`),
});
const scaling = (name: string, active: boolean): World =>
  Object.assign(
    {},
    ...["true", "false", "unknown"].map((status) =>
      series(
        "kube_horizontalpodautoscaler_status_condition",
        { horizontalpodautoscaler: name, condition: "ScalingActive", status },
        `${status === `${active}` ? 1 : 0}${FOREVER}`,
      ),
    ),
  ) as World;
const job = (name: string, failed: boolean): World => ({
  ...series("kube_job_failed", { job_name: name, condition: "true" }, `${failed ? 1 : 0}${FOREVER}`),
  ...series("kube_job_failed", { job_name: name, condition: "false" }, `${failed ? 0 : 1}${FOREVER}`),
});
/** On two nodes, as a volume that several share is. */
const volume = (claim: string, used: number): World =>
  Object.assign(
    {},
    ...["a", "b"].map((node) => ({
      ...series("kubelet_volume_stats_used_bytes", { persistentvolumeclaim: claim, node }, `${used}${FOREVER}`),
      ...series("kubelet_volume_stats_capacity_bytes", { persistentvolumeclaim: claim, node }, `100${FOREVER}`),
    })),
  ) as World;
const database = (wanted: number, made: number, ready: number): World => ({
  ...series("kube_statefulset_replicas", { statefulset: "fluxiondb" }, `${wanted}${FOREVER}`),
  ...series("kube_statefulset_status_replicas", { statefulset: "fluxiondb" }, `${made}${FOREVER}`),
  ...series("kube_statefulset_status_replicas_ready", { statefulset: "fluxiondb" }, `${ready}${FOREVER}`),
});

/** Trials of what is watched alike, for one workload of a system. */
function sharedTrials(prefix: string, name: string, container: string): Record<string, Trial> {
  const of = { pod: `${name}-7c9-x2x`, container };
  const scaled = { horizontalpodautoscaler: name };
  const others = { pod: "shop-7c9-x2x", container: "shop" };
  return {
    [`${prefix}Unavailable`]: {
      labels: { deployment: name },
      fires: deployment(name, 0, 3),
      silent: { "one pod serves": deployment(name, 1, 3), "no pod is wanted": deployment(name, 0, 0), others: deployment("shop", 0, 3) },
    },
    [`${prefix}PodsMissing`]: {
      labels: { deployment: name },
      fires: deployment(name, 2, 3),
      silent: { "all are there": deployment(name, 3, 3), others: deployment("shop", 2, 3) },
    },
    [`${prefix}RolloutStuck`]: {
      labels: { deployment: name, condition: "Progressing", status: "false" },
      fires: progressing(name, false),
      silent: { "it goes on": progressing(name, true), others: progressing("shop", false) },
    },
    [`${prefix}CrashLooping`]: {
      labels: of,
      fires: restarts(of, "0+1x120"),
      silent: { "one each ten minutes": restarts(of, "0x9 1x9 2x9 3x9 4x9 5x60"), others: restarts(others, "0+1x120") },
    },
    [`${prefix}MemoryNearLimit`]: {
      labels: of,
      fires: memory(of, 91),
      silent: { "there is room": memory(of, 89), others: memory(others, 91) },
    },
    [`${prefix}AutoscalerAtMaximum`]: {
      labels: scaled,
      fires: autoscaler(name, 10),
      silent: { "it can add one": autoscaler(name, 9), others: autoscaler("shop", 10) },
    },
    [`${prefix}AutoscalerBlind`]: {
      labels: { ...scaled, condition: "ScalingActive", status: "false" },
      fires: scaling(name, false),
      silent: { "it knows": scaling(name, true), others: scaling("shop", false) },
    },
  };
}

const tenant = { pod: "fluxiondb-0", container: "fluxiondb" };
const killed = (reason: string) => series("kube_pod_container_status_last_terminated_reason", { ...tenant, reason }, `1${FOREVER}`);
const { FluxionDbCrashLooping, FluxionDbMemoryNearLimit } = sharedTrials("FluxionDb", "fluxiondb", "fluxiondb");
const generator = "plinko-hint-generator-1a2b";
const migration = "starter-migrate-1-5-0-1a2b";

const TRIALS: Readonly<Record<string, Trial>> = {
  ...sharedTrials("Dotdo", "dotdo", "dotdo"),
  ...sharedTrials("Plinko", "plinko-pir-server", "pir-server"),
  ...sharedTrials("Starter", "starter-api", "api"),
  FluxionDbDown: {
    labels: { statefulset: "fluxiondb" },
    fires: database(1, 1, 0),
    silent: { "it is ready": database(1, 1, 1), "it is suspended": database(0, 0, 0) },
  },
  FluxionDbNoPod: {
    labels: { statefulset: "fluxiondb" },
    fires: database(1, 0, 0),
    silent: { "it has a pod": database(1, 1, 0), "it is suspended": database(0, 0, 0) },
  },
  FluxionDbOutOfMemory: {
    labels: { ...tenant, reason: "OOMKilled" },
    fires: { ...killed("OOMKilled"), ...restarts(tenant, "0x30 1x90") },
    silent: {
      "it ended by itself": { ...killed("Error"), ...restarts(tenant, "0x30 1x90") },
      "it was long ago": { ...killed("OOMKilled"), ...restarts(tenant, `1${FOREVER}`) },
    },
  },
  FluxionDbCrashLooping: FluxionDbCrashLooping!,
  FluxionDbMemoryNearLimit: FluxionDbMemoryNearLimit!,
  FluxionDbVolumeFilling: {
    labels: { persistentvolumeclaim: "fluxiondb" },
    fires: volume("fluxiondb", 91),
    silent: { "there is room": volume("fluxiondb", 89), others: volume("shop", 91) },
  },
  PlinkoJobFailed: {
    labels: { job_name: generator, condition: "true" },
    fires: job(generator, true),
    silent: { "it has not failed": job(generator, false), others: job("shop-1a2b", true) },
  },
  PlinkoVolumeFilling: {
    labels: { persistentvolumeclaim: "plinko-data-rwx" },
    fires: volume("plinko-data-rwx", 91),
    silent: { "there is room": volume("plinko-data-rwx", 89), others: volume("shop", 91) },
  },
  StarterMigrationFailed: {
    labels: { job_name: migration, condition: "true" },
    fires: job(migration, true),
    silent: { "it has not failed": job(migration, false), others: job("shop-1a2b", true) },
  },
};

/** When each alert is looked at; what an alert waits for is less. */
const AT = 45;
const minutesOf = (duration: string): number => Number(/^(\d+)m$/.exec(duration)?.[1] ?? assert.fail(`${duration} is not in minutes`));

function expected(system: System, alert: Alert, labels: Labels) {
  const all: Labels = { namespace: "n", ...labels };
  const filled = (text: string) => text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => all[label] ?? "");
  return {
    exp_labels: { ...all, severity: alert.severity, system: system.name },
    exp_annotations: {
      summary: filled(`${alert.summary}.`),
      description: filled(alert.description),
      runbook_url: `${RUNBOOKS}/${system.name}.md#${alert.name.toLowerCase()}`,
    },
  };
}

const given = (world: World) => Object.entries(world).map(([series, values]) => ({ series, values }));
const asked = (alertname: string, minute: number, exp_alerts: readonly object[]) => ({ eval_time: `${minute}m`, alertname, exp_alerts });

/** What promtool is to try of one alert: firing in time, and no minute before; and silent in each other world. */
function trialsOf(system: System, alert: Alert) {
  const { labels, fires, silent } = TRIALS[alert.name]!;
  const waits = minutesOf(alert.for);
  return [
    {
      name: `${alert.name} fires`,
      interval: "1m",
      input_series: given(fires),
      alert_rule_test: [...(waits > 0 ? [asked(alert.name, waits - 1, [])] : []), asked(alert.name, AT, [expected(system, alert, labels)])],
    },
    ...Object.entries(silent).map(([why, world]) => ({
      name: `${alert.name} is silent: ${why}`,
      interval: "1m",
      input_series: given(world),
      alert_rule_test: [asked(alert.name, AT, [])],
    })),
  ];
}

/** A cluster in which all is well, with a pod of each workload. */
const WELL: World = Object.assign(
  {},
  ...["dotdo", "plinko-pir-server", "starter-api"].map((name) => {
    const of = { pod: `${name}-7c9-x2x`, container: name.replace(/^(plinko|starter)-/, "") };
    return { ...deployment(name, 3, 3), ...autoscaler(name, 3), ...memory(of, 50), ...usage(of), ...restarts(of, "0x40 1x80") };
  }),
  database(1, 1, 1),
  memory(tenant, 50),
  usage(tenant),
  restarts(tenant, "0x40 1x80"),
  volume("fluxiondb", 50),
  volume("plinko-data-rwo", 50),
  ...[generator, migration].map((name) => ({
    ...job(name, false),
    ...series("kube_job_status_active", { job_name: name }, `0${FOREVER}`),
  })),
  series("kube_job_status_succeeded", { job_name: migration }, `1${FOREVER}`),
  series("dotdo_active_instances", { pod: "dotdo-7c9-x2x" }, `7${FOREVER}`),
  series("dotdo_requests_total", { pod: "dotdo-7c9-x2x" }, "0+60x120"),
) as World;

function usage(of: { pod: string; container: string }): World {
  const network = ["receive", "transmit"].map((way) =>
    series(`container_network_${way}_bytes_total`, { pod: of.pod, interface: "eth0" }, "0+60x120"),
  );
  return Object.assign(series("container_cpu_usage_seconds_total", of, "0+6x120"), ...network) as World;
}

describe("alerts and dashboards, by promtool", function () {
  this.timeout("1m");
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  let promtool: string;
  before(async function () {
    this.timeout("20m"); // the first run builds it
    promtool = (await ensure(["promtool"], (progress) => process.stderr.write(`    ${progress}\n`))).promtool.path;
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = async (file: string, content: object, ...command: string[]) => {
    writeFileSync(join(folder, file), stringify(content));
    const { all, exitCode } = await execa(promtool, [...command, file], { cwd: folder, all: true, reject: false });
    assert.equal(exitCode, 0, all);
  };
  const rulesFile = ({ name }: System) => `${name}.yaml`;

  /** Queries of a system's panels, as they are when all namespaces are chosen. */
  const queriesOf = ({ panels }: System) =>
    panels.flatMap(({ title, queries }) =>
      queries.map(({ expr }) => ({ title, expr: expr.replaceAll("$namespace", ".*").replaceAll("$__rate_interval", "5m") })),
    );

  it("try every alert, and no other", () => {
    assert.deepEqual(Object.keys(TRIALS).sort(), systems.flatMap(({ alerts }) => alerts.map(({ name }) => name)).sort());
  });

  for (const system of systems) {
    it(`of ${system.name}: every rule is one that Prometheus takes`, () =>
      run(rulesFile(system), rulesOf(system, RUNBOOKS), "check", "rules", "--lint=all", "--lint-fatal"));

    it(`of ${system.name}: every alert fires when it is to, not before, and not when it is not to`, async () => {
      writeFileSync(join(folder, rulesFile(system)), stringify(rulesOf(system, RUNBOOKS)));
      const tests = system.alerts.flatMap((alert) => trialsOf(system, alert));
      await run(`${system.name}.test.yaml`, { rule_files: [rulesFile(system)], evaluation_interval: "1m", tests }, "test", "rules");
    });

    it(`of ${system.name}: every panel's query is one, and finds what there is in a cluster that is well`, async () => {
      const promql_expr_test = queriesOf(system).map(({ title, expr }) => {
        assert.ok(!expr.includes("$"), `${title}: ${expr}`);
        return { expr: `count(${expr}) > bool 0`, eval_time: `${AT}m`, exp_samples: [{ labels: "{}", value: 1 }] };
      });
      const tests = [{ interval: "1m", input_series: given(WELL), promql_expr_test }];
      await run(`${system.name}.panels.yaml`, { rule_files: [], evaluation_interval: "1m", tests }, "test", "rules");
    });
  }
});
