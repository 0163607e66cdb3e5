import * as k8s from "@pulumi/kubernetes";
import { ANNOTATIONS, REPLICAS, STORAGE_PER_RAM } from "../../sizing/fluxiondb";
import type { Transform } from "../kubernetes/child";
import type { Admission } from "./admission-options";
import { podSecurityBindingOf, podSecurityPolicyOf } from "./pod-security-admission";
import { LABELS, type Room } from "./room";

/** Namespaces of tenants, by the labels that they are made with: an object of a subresource carries none. */
const TENANTS = { "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": "fluxiondb" };

type Operation = "CREATE" | "UPDATE";

interface Rule {
  readonly group: string;
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  /** Requests that are judged at all, as CEL. @default all */
  readonly when?: string;
  /** What has to hold, as CEL, and what is said where it does not. */
  readonly holds: readonly { readonly expression: string; readonly message: string; readonly remedy: string }[];
}

const WORKLOADS = ["statefulsets", "deployments"];
const BOTH: readonly Operation[] = ["CREATE", "UPDATE"];

const annotated = (name: string) => `has(object.metadata.annotations) && '${name}' in object.metadata.annotations`;
const requested = (claim: string) => `quantity(${claim}.spec.resources.requests.storage)`;
const CONTAINERS = "spec.template.spec.containers";
const memoryOf = (container: string, amounts: "limits" | "requests") => `quantity(${container}.resources.${amounts}.memory)`;
const hasMemory = (container: string, amounts: "limits" | "requests") =>
  `has(${container}.resources) && has(${container}.resources.${amounts}) && 'memory' in ${container}.resources.${amounts}`;

const twice = `quantity(string(quantity(object.metadata.annotations['${ANNOTATIONS.ram}']).asInteger() * ${STORAGE_PER_RAM}))`;
const sized = `${requested("object")}.compareTo(${twice})`;

/** The rules of FluxionDB that a cluster can hold by itself: those of the policy pack, and what only the old object tells. */
const RULES: Readonly<Record<string, Rule>> = {
  replicas: {
    group: "apps",
    versions: ["v1"],
    resources: [...WORKLOADS, ...WORKLOADS.map((workload) => `${workload}/scale`)],
    operations: BOTH,
    holds: [
      {
        expression: `object.spec.replicas == ${REPLICAS} || (object.spec.replicas == 0 && (object.kind == 'Scale' || (${annotated(ANNOTATIONS.suspended)})))`,
        message: "'has spec.replicas ' + string(object.spec.replicas) + ', and runs as one pod, or none where it is suspended'",
        remedy: `leave it at ${REPLICAS}: two pods would write the same files`,
      },
    ],
  },
  autoscalers: {
    group: "autoscaling",
    versions: ["*"],
    resources: ["horizontalpodautoscalers"],
    operations: ["CREATE"],
    holds: [{ expression: "false", message: "'is not to be scaled out'", remedy: "give the tenant more RAM instead" }],
  },
  storage: {
    group: "",
    versions: ["v1"],
    resources: ["persistentvolumeclaims"],
    operations: BOTH,
    // what binds and grows a claim writes to it, too
    when: "oldObject == null || object.spec.resources != oldObject.spec.resources",
    holds: [
      {
        expression: `oldObject == null || ${requested("object")}.compareTo(${requested("oldObject")}) >= 0`,
        message:
          "'requests ' + string(object.spec.resources.requests.storage) + ' of storage, which is less than the ' + string(oldObject.spec.resources.requests.storage) + ' that it had'",
        remedy: "leave it: no volume shrinks",
      },
      {
        expression: `!(${annotated(ANNOTATIONS.ram)}) || (${annotated(ANNOTATIONS.storage)} ? ${sized} >= 0 : ${sized} == 0)`,
        message: `'requests ' + string(object.spec.resources.requests.storage) + ' of storage, and has ' + object.metadata.annotations['${ANNOTATIONS.ram}'] + ' of RAM'`,
        remedy: `make it ${STORAGE_PER_RAM} × RAM, by ram or persistence.size of the tenant`,
      },
    ],
  },
  memory: {
    group: "apps",
    versions: ["v1"],
    resources: WORKLOADS,
    operations: BOTH,
    when: `oldObject == null || object.${CONTAINERS} != oldObject.${CONTAINERS}`,
    holds: [
      {
        expression: `object.${CONTAINERS}.all(c, ${hasMemory("c", "limits")} && ${hasMemory("c", "requests")} && ${memoryOf("c", "limits")}.compareTo(${memoryOf("c", "requests")}) == 0)`,
        message: "'has a container whose memory request is not its limit'",
        remedy: "give both the tenant's RAM",
      },
      {
        expression: `oldObject == null || oldObject.${CONTAINERS}.all(o, !(${hasMemory("o", "limits")}) || object.${CONTAINERS}.all(c, c.name != o.name || (${hasMemory("c", "limits")} && ${memoryOf("c", "limits")}.compareTo(${memoryOf("o", "limits")}) >= 0)))`,
        message: "'has less memory than it had'",
        remedy: "leave it: the database holds all its data in memory",
      },
    ],
  },
};

export const admissionNameOf = (rule: string): string => `stackyard-fluxiondb-${rule}`;

const policyOf = (name: string, { group, versions, resources, operations, when, holds }: Rule) => ({
  metadata: { name: admissionNameOf(name), labels: LABELS },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [{ apiGroups: [group], apiVersions: [...versions], resources: [...resources], operations: [...operations] }],
    },
    matchConditions: when === undefined ? undefined : [{ name: "changes-it", expression: when }],
    validations: holds.map(({ expression, message, remedy }) => ({
      expression,
      messageExpression: `object.kind + ' ' + object.metadata.name + ' of ' + object.metadata.namespace + ' ' + ${message} + ${JSON.stringify(`: ${remedy}`)}`,
      message: remedy,
    })),
  },
});

const bindingOf = (name: string, { actions }: Admission) => ({
  metadata: { name: admissionNameOf(name), labels: LABELS },
  spec: {
    policyName: admissionNameOf(name),
    validationActions: [...actions],
    matchResources: { namespaceSelector: { matchLabels: TENANTS } },
  },
});

export interface AdmissionTransform {
  readonly admissionPolicies?: Readonly<Record<string, Transform<ReturnType<typeof policyOf>>>>;
}

/** Has the API server hold the rules of FluxionDB in tenants' namespaces, and pod security of ours, and nowhere else. */
export function installAdmission(room: Room, admission: Admission, transform: AdmissionTransform): void {
  const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } = k8s.admissionregistration.v1;
  const podSecurity = room.child(ValidatingAdmissionPolicy, "pod-security-admission", podSecurityPolicyOf());
  room.child(ValidatingAdmissionPolicyBinding, "pod-security-admission-binding", podSecurityBindingOf(admission), undefined, {
    dependsOn: [podSecurity],
  });
  for (const [name, rule] of Object.entries(RULES)) {
    const policy = room.child(
      ValidatingAdmissionPolicy,
      `fluxiondb-${name}-admission`,
      policyOf(name, rule),
      transform.admissionPolicies?.[name],
    );
    room.child(ValidatingAdmissionPolicyBinding, `fluxiondb-${name}-admission-binding`, bindingOf(name, admission), undefined, {
      dependsOn: [policy],
    });
  }
}
