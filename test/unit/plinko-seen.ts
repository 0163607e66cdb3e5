import { plinkoIngressOf } from "../../components/plinko/ingress";
import { dbGeneratorOf, hintGeneratorOf } from "../../components/plinko/jobs";
import { plinkoNetworkPolicyOf } from "../../components/plinko/network";
import * as objects from "../../components/plinko/objects";
import { planOf } from "../../components/plinko/plan";
import * as workloads from "../../components/plinko/workloads";
import type { PlinkoInput } from "../../components/plinko/options";
import { at } from "./components/engine";
import { given, merged } from "./plinko-given";

/** A value of a Kubernetes object that the options ask for: `<object> <path>`. */
export const seen = (where: string, options: PlinkoInput = {}) => {
  const wanted = planOf("plinko", merged(given, options));
  const made = {
    eth: () => workloads.ethMockOf(wanted),
    db: () => dbGeneratorOf(wanted, "claim"),
    hint: () => hintGeneratorOf(wanted, "claim"),
    update: () => workloads.updateServiceOf(wanted, "claim"),
    pir: () => workloads.pirServerOf(wanted, "claim"),
    cdn: () => workloads.cdnOf(wanted, "claim", "config"),
    wallet: () => workloads.walletOf(wanted, "config"),
    cdnConfig: () => objects.cdnConfigOf(wanted),
    claim: () => objects.plinkoClaimOf(wanted),
    namespace: () => objects.plinkoNamespaceOf(wanted),
    ingress: () => plinkoIngressOf(wanted),
    pirAutoscaler: () => objects.plinkoAutoscalerOf(wanted, "pir-server"),
    cdnAutoscaler: () => objects.plinkoAutoscalerOf(wanted, "cdn-mock"),
    walletAutoscaler: () => objects.plinkoAutoscalerOf(wanted, "rabby-wallet"),
    walletBudget: () => objects.plinkoBudgetOf(wanted, "rabby-wallet"),
    pirBudget: () => objects.plinkoBudgetOf(wanted, "pir-server"),
    pirPolicy: () => plinkoNetworkPolicyOf(wanted, "pir-server"),
    ethService: () => objects.plinkoServiceOf(wanted, "eth-mock"),
    pirService: () => objects.plinkoServiceOf(wanted, "pir-server"),
    cdnService: () => objects.plinkoServiceOf(wanted, "cdn-mock"),
    walletService: () => objects.plinkoServiceOf(wanted, "rabby-wallet"),
    updateService: () => objects.plinkoServiceOf(wanted, "update-service"),
  };
  const [object, path] = where.split(" ");
  const value: unknown = JSON.parse(JSON.stringify(made[object as keyof typeof made]() ?? null));
  return path === undefined ? value : at(value, path);
};

export const POD = "spec.template.spec";
export const MAIN = `${POD}.containers.0`;
/** The program of a Job, which runs between its steps. */
export const PROGRAM = `${POD}.initContainers.2`;
export const variable = (where: string, name: string, options?: PlinkoInput) =>
  (seen(`${where}.env`, options) as { name: string; value: string }[] | undefined)?.find((entry) => entry.name === name)?.value;
