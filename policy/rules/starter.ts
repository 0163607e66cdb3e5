import type { types } from "@pulumi/kubernetes";
import type { Container, KubernetesObject } from "../object";
import { podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import type { StackIndex } from "../stack-index";
import { isStarter, nameOfPart, partOf } from "../systems";

type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;

const PODS = ["api-pods", "web-pods", "worker-pods"] as const;
const podsPart = (object: KubernetesObject) => (isStarter(object) && object.kind === "Deployment" ? partOf(object, PODS) : undefined);

/** Another object of the same starter. */
const beside = (object: KubernetesObject, part: string, other: string, kind: string, stack: StackIndex): KubernetesObject | undefined =>
  stack.ofKind(kind).find((candidate) => isStarter(candidate) && candidate.name === nameOfPart(object, part, other));

/** What billing's retries and replay run by. */
const RETRIES = ["ENABLE_BILLING_RETRY_WORKER", "ENABLE_BILLING_STREAM_REPLAY"];
const MODE = "BILLING_RETRY_DEPLOYMENT_MODE";
const BILLING = "ENABLE_BILLING";

/** A variable's value; nothing where it has none, or one that only the cluster knows. */
const variable = ({ env = [] }: Container, name: string): string | undefined => env.find((one) => one.name === name)?.value;
const isOn = (value: string | undefined): boolean => /^(true|1|yes|on|y|t)$/i.test(value ?? "");

/** Most pods that a Deployment can have. */
function mostPods(object: KubernetesObject, stack: StackIndex): number {
  const [autoscaler] = stack.scalersOf(object);
  return autoscaler?.spec<AutoscalerSpec>().maxReplicas ?? workloadOf(object)?.replicas ?? 1;
}

export const starterBilling = stackRule({
  id: "starter-billing",
  family: "starter",
  severity: "high",
  reason: "Each process that runs billing's retries or replay charges again what another one is charging.",
  remedy: "Set worker.enabled to true where the API has more than one pod: the one worker runs both, and the API none.",
  source: "seed 004, Billing Worker Topology; contract 4.2; contract 4.4, 11",
  checkIn: (object, stack, report) => {
    const part = podsPart(object);
    if (part === undefined || part === "web-pods") return;
    const { spec, path } = podTemplateOf(object)!;
    const container = spec?.containers?.[0] ?? {};
    const wrong = (problem: string) => report({ container: container.name, field: `${path}spec.containers[0].env`, problem });
    const running = RETRIES.filter((name) => isOn(variable(container, name) ?? "true")); // the program's default
    if (part === "worker-pods") {
      for (const name of RETRIES.filter((name) => !running.includes(name))) wrong(`has ${name} off, which is the worker's work`);
      if (variable(container, MODE) !== "dedicated") wrong(`has ${MODE} not at dedicated`);
      const most = mostPods(object, stack);
      if (most > 1) report({ field: "spec.replicas", problem: `can be ${most}, and has to be 1` });
      return;
    }
    if (running.length === 0) return;
    if (beside(object, part, "worker-pods", "Deployment", stack) !== undefined) {
      wrong(`has ${running.join(" and ")} on beside a worker`);
    } else if (isOn(variable(container, BILLING))) {
      const most = mostPods(object, stack);
      if (most > 1) wrong(`has ${running.join(" and ")} on in up to ${most} pods`);
    }
  },
});

export const starterMigrated = stackRule({
  id: "starter-migrated-first",
  family: "starter",
  severity: "high",
  reason: "The API migrates nothing itself: of a release whose database is not migrated, each request that needs the new tables fails.",
  remedy: "Set migrations.enabled to true, and leave dependsOn of the API and the worker as the component sets it.",
  source: "contract 4.2, AUTO_RUN_MIGRATIONS; contract 4.4, 10",
  checkIn: (object, stack, report) => {
    const part = podsPart(object);
    if (part === undefined || part === "web-pods") return;
    const migration = beside(object, part, "migration", "Job", stack);
    if (migration === undefined) report({ field: "dependsOn", problem: "has no Job that migrates the database" });
    else if (!stack.dependsOn(object, migration))
      report({ field: "dependsOn", problem: `is without ${migration.title}, which has to come first` });
  },
});

export const starterExternalSecrets = objectRule({
  id: "starter-external-secrets",
  family: "starter",
  severity: "high",
  reason: "What stands in the stack's config is in its state, too, and is rotated by a deployment only.",
  remedy: "Set externalSecrets.enabled to true, and map the keys in externalSecrets.<component>.data.",
  source: "seed 004, External Secrets; contract 4.2",
  // whether the environment asks for it
  values: { required: false },
  check: (object, report, { required }) => {
    if (!required || !isStarter(object) || object.kind !== "Secret") return;
    report({ field: "kind", problem: "is Secret, made from values, and has to be ExternalSecret" });
  },
});
