import { imageOf } from "../kubernetes/options";
import { memoryMbOf } from "./fly-options";
import type { DotdoPlan, DotdoSecret } from "./options";
import { variablesOf } from "./plan";
import { SECRET_ENV } from "./pods";

/** Longest that Fly waits for a Machine that is to stop, in seconds. */
const LONGEST_KILL = 300;

/**
 * The fly.toml of the Machines that run the same dotdo at the edge, as a value: https://fly.io/docs/reference/configuration/.
 *
 * It holds no secret (`flySecretsOf` names those), and no number of Machines, which Fly keeps apart from it (`flyCommandsOf`).
 */
export const flyAppOf = (options: DotdoPlan) => {
  const { fly, service, drain, prometheus } = options;
  const { check, concurrency } = fly;
  return {
    app: fly.app,
    primary_region: fly.primaryRegion,
    kill_signal: "SIGTERM",
    kill_timeout: Math.min(drain.maxSeconds, LONGEST_KILL),
    experimental: { auto_rollback: true },
    build: { image: imageOf(options.image) },
    deploy: { strategy: fly.strategy, ...(fly.releaseCommand !== undefined && { release_command: fly.releaseCommand }) },
    env: { PORT: `${service.targetPort}`, ...variablesOf(options.env) },
    http_service: {
      internal_port: service.targetPort,
      force_https: true,
      auto_stop_machines: fly.autoStop,
      auto_start_machines: fly.autoStop !== "off", // one without the other leaves Machines that never start, or never stop
      min_machines_running: fly.minMachinesRunning,
      concurrency: { type: concurrency.type, soft_limit: concurrency.softLimit, hard_limit: concurrency.hardLimit },
      ...(fly.h2Backend && { http_options: { h2_backend: true } }),
      checks: [
        {
          method: "GET",
          path: check.path,
          interval: `${check.intervalSeconds}s`,
          timeout: `${check.timeoutSeconds}s`,
          grace_period: `${check.gracePeriodSeconds}s`,
        },
      ],
    },
    vm: [{ size: fly.size, memory: `${memoryMbOf(fly)}mb` }],
    ...(fly.metricsPort !== undefined && { metrics: [{ port: fly.metricsPort, path: prometheus.path }] }),
  };
};

/** Names under which the Machines get secret values, as the pods get them. */
export const flySecretsOf = (secrets: readonly DotdoSecret[]): string[] => secrets.flatMap((secret) => SECRET_ENV[secret]);

/** What makes Machines of a fly.toml, in the order in which it is typed. Secrets are read from standard input: arguments can be seen by others. */
export const flyCommandsOf = ({ fly }: DotdoPlan, secrets: readonly string[]): string[] => {
  const count = fly.regions.length * fly.machinesPerRegion;
  const scale = `fly scale count ${count} --region ${fly.regions.join(",")} --max-per-region ${fly.machinesPerRegion} --app ${fly.app}`;
  return [
    ...(secrets.length > 0 ? [`fly secrets import --stage --app ${fly.app}   # reads NAME=value, a line each: ${secrets.join(", ")}`] : []),
    `fly deploy --config fly.toml`,
    `${scale}   # ${fly.machinesPerRegion} in each region`,
  ];
};
