import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import * as z from "zod";
import { plinkoGatewayOf, plinkoIngressOf } from "../../components/plinko/ingress";
import { dbGeneratorOf, hintGeneratorOf } from "../../components/plinko/jobs";
import { PARTS, plinkoNetworkPolicyOf } from "../../components/plinko/network";
import * as objects from "../../components/plinko/objects";
import { PlinkoInput, PlinkoOptions } from "../../components/plinko/options";
import { planOf } from "../../components/plinko/plan";
import { PORTS, Served } from "../../components/plinko/pods";
import * as workloads from "../../components/plinko/workloads";
import { at, valueOf } from "./components/engine";
import { given, merged } from "./plinko-given";

/** Every option of Plinko, and which objects change with it. */

export interface Option {
  readonly path: string;
  readonly default: unknown;
  readonly description: string;
}

export function optionsOf(schema: unknown = z.toJSONSchema(PlinkoOptions, { io: "input" }), path = ""): Option[] {
  return Object.entries((at(schema, "properties") ?? {}) as Record<string, unknown>).flatMap(([key, option]) => {
    const inner = optionsOf(option, `${path}${key}.`);
    const leaf = { path: `${path}${key}`, default: at(option, "default"), description: String(at(option, "description")) };
    return inner.length > 0 ? inner : [leaf];
  });
}

const GATEWAY: PlinkoInput = { ingress: { gateway: { name: "shared", namespace: "edge" } } };

/** Values that differ from the default, by the end of the option's name; the first that fits. */
const SAMPLES: readonly [end: string, value: unknown, beside?: PlinkoInput][] = [
  ["image.repository", "mirror.example.com/other"],
  ["image.tag", "9.9.9"],
  ["image.digest", `sha256:${"0".repeat(64)}`],
  ["image.pullPolicy", "Always"],
  ["fullnameOverride", "other"],
  ["namespace.name", "other"],
  ["namespace.podSecurity", "baseline"],
  ["gateway.name", "other", GATEWAY],
  ["gateway.namespace", "other", GATEWAY],
  ["gatewayProxy.namespace", "other", GATEWAY],
  ["gatewayProxy.podLabels", { a: "b" }, GATEWAY],
  ["ingressController.namespace", "other"],
  ["ingressController.podLabels", { a: "b" }],
  ["abels", { a: "b" }],
  ["nnotations", { a: "b" }],
  ["nodeSelector", { a: "b" }],
  ["tolerations", [{ key: "a" }]],
  ["imagePullSecrets", ["pull"]],
  ["global.storageClass", "other"],
  ["global.domain", "example.com"],
  ["global.tls.enabled", true, { global: { domain: "example.com" } }],
  ["persistence.size", "21Gi"],
  ["persistence.accessMode", "ReadWriteMany", { global: { storageClass: "shared" } }],
  ["persistence.existingClaim", "mine"],
  ["command", ["/other"]],
  ["backup.schedule", "0 4 * * *"],
  ["backup.volumes", "snapshots"],
  ["backup.namespace", "other"],
  ["requests.cpu", "20m"],
  ["requests.memory", "20Mi"],
  ["limits.cpu", "9"],
  ["limits.memory", "9Gi"],
  [".path", "/other"],
  ["replicaCount", 9],
  ["minAvailable", 2],
  ["UtilizationPercentage", 55],
  ["fallbackRpc", "https://rpc.example.com"],
  ["Url", "https://other.example.com"],
  ["ingress.className", "other", { ingress: { controller: "nginx" } }],
  ["ingress.controller", "other", { global: { domain: "example.com" }, ingress: { cors: { enabled: false } } }],
  ["ingress.hosts", [{ host: "a.example.com", paths: [{ path: "/", service: "rabby-wallet" }] }]],
  ["ingress.tls", [{ secretName: "a", hosts: ["plinko-api.example.com"] }], { global: { domain: "example.com" } }],
  ["ingress.clusterIssuer", "issuer", { global: { domain: "example.com", tls: { enabled: true } } }],
  ["ingress.bodySize", "11m"],
  ["cors.origin", "https://a.example.com"],
  ["networkPolicy.ingress", [{ peers: "anywhere" }]],
  ["clusterDomain", "other.local"],
  ["dbSize", 1024],
  ["balance", 11],
  ["gzip.level", 5],
  ["minReplicas", 4],
  ["maxReplicas", 44],
];

/** What an option needs others to be, to have an effect. */
const beside = (path: string): PlinkoInput => {
  const [section] = path.split(".");
  if (section === "backup") return { backup: {} };
  if (path.endsWith("replicaCount")) return { [section as string]: { autoscaling: { enabled: false } } };
  if (path.includes("podDisruptionBudget")) {
    const enough = { [section as string]: { autoscaling: { minReplicas: 4 } } };
    return merged(enough, { global: { storageClass: "shared" }, persistence: { accessMode: "ReadWriteMany" } });
  }
  return {};
};

function changed(option: Option): { base: PlinkoInput; sample: unknown } {
  const [, value, needs = {}] = SAMPLES.find(([end]) => option.path.endsWith(end)) ?? [];
  const base = merged(merged(given, needs), beside(option.path));
  if (value !== undefined) return { base, sample: value };
  if (typeof option.default === "boolean") return { base, sample: !option.default };
  if (/Enabled$|Redirect$/.test(option.path)) return { base, sample: true };
  return { base, sample: typeof option.default === "number" ? option.default + 1 : 7 };
}

const nested = (path: string, value: unknown): PlinkoInput =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PlinkoInput;

const SCALED = ["pir-server", "cdn-mock", "rabby-wallet"] as const;

/** All objects, by kind and part; one that is not made is missing. */
async function rendered(options: PlinkoInput): Promise<Record<string, string>> {
  const plan = planOf("plinko", options);
  const wanted = plan.options;
  const wallet = objects.walletConfigOf(plan);
  const made: [string, unknown][] = [
    ["Namespace", wanted.namespace.create && objects.plinkoNamespaceOf(plan)],
    ["claim", objects.plinkoClaimOf(plan)],
    ...(wanted.backup ? [["Schedule", objects.plinkoBackupOf(plan)] as [string, unknown]] : []),
    ["eth-mock", workloads.ethMockOf(plan)],
    ["db-generator", dbGeneratorOf(plan, plan.data.claim)],
    ["hint-generator", hintGeneratorOf(plan, plan.data.claim)],
    ["update-service", workloads.updateServiceOf(plan, plan.data.claim)],
    ["pir-server", workloads.pirServerOf(plan, plan.data.claim)],
    ["cdn-mock", workloads.cdnOf(plan, plan.data.claim, "config")],
    ["rabby-wallet", workloads.walletOf(plan, "config")],
    ["nginx", [objects.cdnConfigOf(plan), { ...wallet, data: await valueOf(pulumi.output(wallet.data["nginx.conf"] ?? "")) }]],
    ["Services", (Object.keys(PORTS) as Served[]).map((part) => objects.plinkoServiceOf(plan, part))],
    ["HPAs", SCALED.map((part) => objects.optionsFor(plan)[part].autoscaling.enabled && objects.plinkoAutoscalerOf(plan, part))],
    ["PDBs", SCALED.map((part) => objects.plinkoBudgetOf(plan, part))],
    ["NetworkPolicies", wanted.networkPolicy.enabled && PARTS.map((part) => plinkoNetworkPolicyOf(plan, part))],
    ...(wanted.ingress.gateway === undefined
      ? [["Ingress", wanted.ingress.enabled && plinkoIngressOf(plan)] as [string, unknown]]
      : [["Gateway's objects", plinkoGatewayOf(plan)] as [string, unknown]]),
  ];
  return Object.fromEntries(made.map(([name, object]) => [name, JSON.stringify(object) ?? ""]));
}

/** Names of the objects that change with an option; "all" where each does. */
export async function landsIn(option: Option): Promise<string> {
  if (option.path === "persistence.retain") return "options of claim and Namespace"; // of the engine, not of the objects
  const { base, sample } = changed(option);
  const [before, after] = [await rendered(base), await rendered(merged(base, nested(option.path, sample)))];
  const names = Object.keys(before).filter((name) => before[name] !== after[name]);
  assert.ok(names.length > 0, `nothing changes with ${option.path} = ${JSON.stringify(sample)}`);
  return names.length === Object.keys(before).length ? "all" : names.join(", ");
}
