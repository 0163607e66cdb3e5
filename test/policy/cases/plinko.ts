import { drop, put, withField, type Case, type Fixture, type Mutation } from "../case";
import { container, resource } from "./fixtures";

const parents = ["stackyard:plinko:Plinko"];
const POD = "spec.template.spec.";
const NGINX = "/etc/nginx/nginx.conf";
type Made = {
  readonly kind?: string;
  readonly wait?: string;
  readonly mounts?: object[];
  readonly volumes?: object[];
  readonly dependsOn?: string[];
};

const data = { name: "data", persistentVolumeClaim: { claimName: "plinko-data-rwo" } };
const config = { name: "config", configMap: { name: "config" } };
const read = { name: "data", mountPath: "/data", subPath: "serving-1", readOnly: true };
const write = (subPath?: string) => ({ name: "data", mountPath: "/data", ...(subPath !== undefined && { subPath }) });
const conf = { name: "config", mountPath: NGINX, subPath: "nginx.conf", readOnly: true };

const workload = (part: string, { kind = "Deployment", wait, mounts = [], volumes = [data], dependsOn }: Made): Fixture => ({
  ...resource(kind === "Job" ? "batch/v1:Job" : "apps/v1:Deployment", `plinko-${part}`, parents, {
    metadata: { name: `plinko-${part}`, namespace: "plinko" },
    spec: {
      template: {
        spec: {
          initContainers:
            wait === undefined ? [] : [{ ...container(wait), volumeMounts: [{ ...read, mountPath: "/volume" }] }, container("prepare")],
          containers: [{ ...container(part), volumeMounts: mounts }],
          volumes,
        },
      },
    },
  }),
  ...(dependsOn && { dependsOn: dependsOn.map((other) => `plinko-${other}`) }),
});
const node = workload("eth-mock", { volumes: [] });
const database = workload("db-generator", { kind: "Job", wait: "wait-for-eth-mock", mounts: [write()], dependsOn: ["eth-mock"] });
const hints = workload("hint-generator", {
  kind: "Job",
  wait: "wait-for-database",
  mounts: [write("a.part")],
  dependsOn: ["db-generator"],
});
const update = workload("update-service", {
  wait: "wait-for-serving",
  mounts: [read, write("serving-1/deltas")],
  dependsOn: ["hint-generator"],
});
const server = workload("pir-server", { wait: "wait-for-serving", mounts: [read], dependsOn: ["hint-generator"] });
const cdn = workload("cdn-mock", {
  wait: "wait-for-serving",
  mounts: [read, conf],
  volumes: [data, config],
  dependsOn: ["hint-generator"],
});
const wallet = workload("rabby-wallet", { mounts: [conf], volumes: [config] });
const all = [node, database, hints, update, server, cdn, wallet];
const others = (fixture: Fixture): Fixture => ({ ...fixture, parents: [] });
const nginx = (rest: string) =>
  `http {\n  server {\n    location = /hint.bin {\n      root /data;\n    }\n    location / {\n      ${rest}\n    }\n  }\n}\n`;
const cdnConfig = resource("core/v1:ConfigMap", "plinko-cdn-mock-config", parents, { data: { "nginx.conf": nginx("return 404;") } });

const index = (fixture: Fixture): number => all.indexOf(fixture);
const early = (fixture: Fixture, before: string): Mutation => ({
  by: `${fixture.name} that waits for nothing`,
  change: (stack) => void (stack[index(fixture)] = { ...fixture, dependsOn: [] }),
  finds: [{ resource: fixture.name, field: "dependsOn", problem: `is without ${before}, which has to come first` }],
});
const impatient = (fixture: Fixture, wait: string): Mutation => ({
  by: `${fixture.name} without ${wait}`,
  change: put(`${POD}initContainers`, [container("prepare")], index(fixture)),
  finds: [{ resource: fixture.name, field: `${POD}initContainers[0]`, problem: `is prepare, and has to be ${wait}` }],
});
const writes = (fixture: Fixture, name: string, list: string, mount = "/data", place = 0): Mutation => ({
  by: `${fixture.name} that writes by ${name}`,
  change: drop(`${POD}${list}[0].volumeMounts[${place}].readOnly`, index(fixture)),
  finds: [
    {
      resource: fixture.name,
      container: name,
      field: `${POD}${list}[0].volumeMounts`,
      problem: `has ${mount} of the shared volume to write to`,
    },
  ],
});
const sees = (fixture: Fixture, part: string): Mutation => ({
  by: `${part} with the volume`,
  change: put(`${POD}volumes`, [config, data], index(fixture)),
  finds: [{ resource: fixture.name, field: `${POD}volumes`, problem: `has the shared volume, which ${part} does not need` }],
});
const unconfigured = (by: string, change: Mutation["change"], fixture = cdn, part = "cdn-mock"): Mutation => ({
  by,
  change,
  finds: [
    { resource: fixture.name, container: part, field: `${POD}containers[0].volumeMounts`, problem: `have no ${NGINX} of a ConfigMap` },
  ],
});
const open = (by: string, change: Mutation["change"]): Mutation => ({
  by,
  of: 1,
  change,
  finds: [{ field: "data.nginx.conf", problem: "answers to other paths than those of the public files" }],
});

export const plinko = {
  "plinko-order": {
    valid: [
      all,
      [hints], // the Job before it is nobody's in this stack
      [database, others({ ...hints, dependsOn: [] })],
      [others(database), { ...hints, dependsOn: [] }],
      // what is between them
      [database, { ...hints, dependsOn: ["between"] }, { ...cdnConfig, name: "between", dependsOn: [database.name] }],
      [database, { ...hints, name: "other-hint-generator", dependsOn: [] }],
    ],
    mutations: [
      early(database, "Deployment plinko/plinko-eth-mock"),
      early(hints, "Job plinko/plinko-db-generator"),
      early(update, "Job plinko/plinko-hint-generator"),
      early(server, "Job plinko/plinko-hint-generator"),
      early(cdn, "Job plinko/plinko-hint-generator"),
    ],
  },
  "plinko-waits": {
    valid: [all, [withField(others(hints), `${POD}initContainers`, [])], [{ ...server, type: "kubernetes:core/v1:Pod" }]],
    mutations: [
      impatient(database, "wait-for-eth-mock"),
      impatient(hints, "wait-for-database"),
      impatient(update, "wait-for-serving"),
      impatient(server, "wait-for-serving"),
      impatient(cdn, "wait-for-serving"),
      {
        by: "no init containers",
        change: drop(`${POD}initContainers`, index(cdn)),
        finds: [{ resource: cdn.name, field: `${POD}initContainers[0]`, problem: "is missing, and has to be wait-for-serving" }],
      },
    ],
  },
  "plinko-volume": {
    valid: [
      all,
      [others(withField(server, `${POD}containers[0].volumeMounts`, [write()]))],
      [
        withField(
          withField(server, `${POD}containers[0].volumeMounts`, [write()]),
          `${POD}volumes[0].persistentVolumeClaim.readOnly`,
          true,
        ),
      ],
      [withField(node, `${POD}volumes`, undefined)],
    ],
    mutations: [
      writes(server, "pir-server", "containers"),
      writes(server, "wait-for-serving", "initContainers", "/volume"),
      writes(cdn, "cdn-mock", "containers"),
      writes(update, "update-service", "containers"),
      {
        by: "update-service that writes elsewhere than to its deltas",
        change: put(`${POD}containers[0].volumeMounts[1].subPath`, "serving-1/deltas/other", index(update)),
        finds: [
          {
            resource: update.name,
            container: "update-service",
            field: `${POD}containers[0].volumeMounts`,
            problem: "has /data of the shared volume to write to",
          },
        ],
      },
      sees(wallet, "rabby-wallet"),
      sees(node, "eth-mock"),
    ],
  },
  "plinko-nginx": {
    valid: [
      all,
      [cdnConfig],
      [withField(others(cdnConfig), "data", {})],
      [withField({ ...cdnConfig, name: "plinko-rabby-wallet-config" }, "data", {})],
      [withField({ ...cdnConfig, type: "kubernetes:core/v1:Secret" }, "data", {})],
    ],
    mutations: [
      unconfigured("no mount", drop(`${POD}containers[0].volumeMounts`, index(cdn))),
      unconfigured("no volume", put(`${POD}volumes`, [data], index(cdn))),
      unconfigured("a volume that is none of a ConfigMap", put(`${POD}volumes[1]`, { name: "config", emptyDir: {} }, index(cdn))),
      unconfigured("another path", put(`${POD}containers[0].volumeMounts[1].mountPath`, "/etc/nginx/other.conf", index(cdn))),
      unconfigured("a wallet without", put(`${POD}containers[0].volumeMounts`, [], index(wallet)), wallet, "rabby-wallet"),
      open("all files served", put('data["nginx.conf"]', nginx("root /data;"))),
      open("all files served, and 404", put('data["nginx.conf"]', nginx("return 404;\n      root /data;"))),
      open("404 after files", put('data["nginx.conf"]', nginx("root /data;\n      return 404;"))),
      open("nothing said of other paths", put('data["nginx.conf"]', "http {}")),
      open("no file", drop('data["nginx.conf"]')),
      open("no data", drop("data")),
    ],
  },
} satisfies Record<string, Case>;
