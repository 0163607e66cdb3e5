import { drop, put, withField, type Case, type Fixture, type Mutation } from "../case";
import { barePod, cronJob, deployment } from "./fixtures";

const path = "spec.template.spec.containers[0].";
const http = (path_: string | undefined, port: number | string = "http", timing: object = {}) => ({
  httpGet: { path: path_, port },
  ...timing,
});
const probed = (probes: Readonly<Record<string, unknown>>): [Fixture] =>
  Object.entries(probes).reduce((fixtures, [name, probe]): [Fixture] => [withField(fixtures[0], `${path}${name}`, probe)], [
    deployment(),
  ] as [Fixture]);

const alike = (by: string, livenessProbe: object, readinessProbe: object): Mutation => ({
  by,
  change: (fixtures) => void (fixtures[0] = probed({ livenessProbe, readinessProbe })[0]),
  finds: [{ container: "api", field: `${path}livenessProbe`, problem: "asks what readinessProbe asks, and gives up no later" }],
});
const differing = (livenessProbe: object, readinessProbe: object) => probed({ livenessProbe, readinessProbe });

const noPort = (probe: string, kind: string, port: number | string): Mutation => ({
  by: `${probe} of ${kind} ${port}`,
  change: put(`${path}${probe}`, { [kind]: { port } }),
  finds: [{ container: "api", field: `${path}${probe}.${kind}.port`, problem: `is ${port}, which is no port of the container` }],
});
const noProbe = (probe: string): Mutation => ({
  by: `no ${probe}`,
  change: drop(`${path}${probe}`),
  finds: [{ container: "api", field: `${path}${probe}`, problem: "is missing" }],
});
const oneRun = (restartPolicy: string) => {
  const fixture = withField(barePod(), "spec.restartPolicy", restartPolicy);
  drop("spec.containers[0].livenessProbe")([fixture]);
  return [fixture];
};
const cron = cronJob();
drop("spec.jobTemplate.spec.template.spec.containers[0].readinessProbe")([cron]);
const job = { ...deployment("job"), type: "kubernetes:batch/v1:Job" };
drop(`${path}readinessProbe`)([job]);

export const probes = {
  "probes-set": {
    valid: [[deployment()], [barePod()], [cron], [job], oneRun("Never"), oneRun("OnFailure")],
    mutations: [
      noProbe("readinessProbe"),
      noProbe("livenessProbe"),
      {
        by: "none of a bare pod",
        of: 1,
        change: drop("spec.containers[0].readinessProbe"),
        finds: [{ container: "alone", field: "spec.containers[0].readinessProbe", problem: "is missing" }],
      },
    ],
  },
  "probes-differ": {
    valid: [
      [deployment()],
      differing({ tcpSocket: { port: "http" } }, { tcpSocket: { port: "http" } }), // a connection says the same of both
      differing(http("/health", "http", { failureThreshold: 4 }), http("/health")),
      differing(http("/health", "http", { periodSeconds: 11 }), http("/health", "http", { failureThreshold: 3 })),
      differing(http("/health", 8080), http("/health", 9090)),
      differing({ exec: { command: ["a", "b"] } }, { exec: { command: ["a", "c"] } }),
      differing({ grpc: { port: 8080, service: "live" } }, { grpc: { port: 8080, service: "ready" } }),
      differing({ grpc: { port: 8080 } }, { grpc: { port: 9090 } }),
      differing(http("/health"), { tcpSocket: { port: "http" } }),
      probed({ livenessProbe: http("/health"), readinessProbe: undefined }),
      probed({ livenessProbe: undefined, readinessProbe: http("/health") }),
    ],
    mutations: [
      alike("one path", http("/health"), http("/health")),
      alike("no path", http(undefined), http("/")),
      alike("a port by number and by name", http("/health", 8080), http("/health", "http")),
      alike("one command", { exec: { command: ["a", "b"] } }, { exec: { command: ["a", "b"] } }),
      alike("one gRPC service", { grpc: { port: 8080, service: "a" } }, { grpc: { port: 8080, service: "a" } }),
      alike("a shorter liveness", http("/health", "http", { periodSeconds: 5 }), http("/health")),
      alike(
        "as long by other numbers",
        http("/", "http", { periodSeconds: 5, failureThreshold: 4 }),
        http("/", "http", { failureThreshold: 2 }),
      ),
    ],
  },
  "probe-port": {
    valid: [
      [deployment()],
      probed({
        livenessProbe: http("/", 8080),
        startupProbe: { tcpSocket: { port: "http" } },
        readinessProbe: { exec: { command: ["a"] } },
      }),
      probed({ livenessProbe: { grpc: { port: 8080 } } }),
      probed({
        ports: [
          { name: "metrics", containerPort: 9090 },
          { name: "http", containerPort: 8080 },
        ],
      }),
    ],
    mutations: [
      noPort("livenessProbe", "httpGet", "https"),
      noPort("readinessProbe", "tcpSocket", 8081),
      noPort("startupProbe", "grpc", 9090),
      {
        by: "a port of a container that has none",
        change: drop(`${path}ports`),
        finds: ["livenessProbe", "readinessProbe"].map((probe) => ({
          container: "api",
          field: `${path}${probe}.httpGet.port`,
          problem: "is http, which is no port of the container",
        })),
      },
    ],
  },
} satisfies Record<string, Case>;
