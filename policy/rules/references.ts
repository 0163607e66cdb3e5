import type { types } from "@pulumi/kubernetes";
import type { Container, KubernetesObject, Partly } from "../object";
import { eachContainer, podTemplateOf } from "../pods";
import { each, stackRule, type Report } from "../rule";
import type { StackIndex } from "../stack-index";

type Binding = Partly<types.output.rbac.v1.RoleBinding>;

/** Whether what a namespace has is this stack's to make, and before our eyes. */
const isWhole = (stack: StackIndex, namespace: string | undefined): boolean => stack.makes(namespace) && !stack.hasChart(namespace);

const hasAccount = (stack: StackIndex, namespace: string | undefined, name: string): boolean =>
  name === "default" || stack.find("ServiceAccount", namespace, name) !== undefined;

export const serviceAccountExists = stackRule({
  id: "service-account-exists",
  family: "wiring",
  severity: "high",
  reason: "No pod is made for a workload whose ServiceAccount is not there.",
  remedy: "Make the ServiceAccount in the stack, or name one that it has.",
  source: "kube-linter non-existent-service-account; Kubernetes, ServiceAccount admission",
  checkIn: (object, stack, report) => {
    const template = podTemplateOf(object);
    const name = template?.spec?.serviceAccountName ?? "default";
    const { namespace } = object;
    if (template === undefined || hasAccount(stack, namespace, name) || !isWhole(stack, namespace)) return;
    report({
      field: `${template.path}spec.serviceAccountName`,
      problem: `is "${name}", and the stack has no such ServiceAccount in namespace ${namespace}`,
    });
  },
});

export const bindingExists = stackRule({
  id: "binding-of-what-exists",
  family: "wiring",
  severity: "medium",
  reason: "A binding of a Role or a ServiceAccount that is not there gives nobody anything, and one day somebody else.",
  remedy: "Name a Role and ServiceAccounts of the stack, or take the binding out.",
  source: "Kubernetes, RBAC: RoleBinding and ClusterRoleBinding",
  checkIn: (object, stack, report) => {
    if (object.kind !== "RoleBinding" && object.kind !== "ClusterRoleBinding") return;
    const { roleRef, subjects = [] } = object.props as Binding;
    const { namespace } = object;
    if (roleRef?.kind === "Role" && isWhole(stack, namespace) && stack.find("Role", namespace, roleRef.name ?? "") === undefined) {
      report({ field: "roleRef.name", problem: `is "${roleRef.name}", and the stack has no such Role in namespace ${namespace}` });
    }
    each(
      subjects.map((_, index) => index),
      (index) => {
        const { kind, name = "", namespace: its = namespace } = subjects[index]!;
        if (kind !== "ServiceAccount" || !isWhole(stack, its) || hasAccount(stack, its, name)) return;
        report({ field: `subjects[${index}].name`, problem: `is "${name}", and the stack has no such ServiceAccount in namespace ${its}` });
      },
    );
  },
});

interface Reference {
  readonly kind: "Secret" | "ConfigMap" | "PersistentVolumeClaim";
  readonly name?: string;
  readonly optional?: boolean;
  readonly field: string;
  readonly container?: string;
}

type Volume = Partly<types.output.core.v1.Volume>;

const ofVolume = ({ secret, configMap, persistentVolumeClaim, projected }: Volume, field: string): Reference[] => [
  ...(secret ? [{ kind: "Secret" as const, name: secret.secretName, optional: secret.optional, field: `${field}.secret.secretName` }] : []),
  ...(configMap ? [{ kind: "ConfigMap" as const, ...configMap, field: `${field}.configMap.name` }] : []),
  ...(persistentVolumeClaim
    ? [{ kind: "PersistentVolumeClaim" as const, name: persistentVolumeClaim.claimName, field: `${field}.persistentVolumeClaim.claimName` }]
    : []),
  ...(projected?.sources ?? []).flatMap(({ secret, configMap }, index): Reference[] => [
    ...(secret ? [{ kind: "Secret" as const, ...secret, field: `${field}.projected.sources[${index}].secret.name` }] : []),
    ...(configMap ? [{ kind: "ConfigMap" as const, ...configMap, field: `${field}.projected.sources[${index}].configMap.name` }] : []),
  ]),
];

const ofContainer = ({ env = [], envFrom = [] }: Container, path: string): Reference[] => [
  ...env.flatMap(({ valueFrom }, index): Reference[] => [
    ...(valueFrom?.secretKeyRef
      ? [{ kind: "Secret" as const, ...valueFrom.secretKeyRef, field: `${path}env[${index}].valueFrom.secretKeyRef.name` }]
      : []),
    ...(valueFrom?.configMapKeyRef
      ? [{ kind: "ConfigMap" as const, ...valueFrom.configMapKeyRef, field: `${path}env[${index}].valueFrom.configMapKeyRef.name` }]
      : []),
  ]),
  ...envFrom.flatMap(({ secretRef, configMapRef }, index): Reference[] => [
    ...(secretRef ? [{ kind: "Secret" as const, ...secretRef, field: `${path}envFrom[${index}].secretRef.name` }] : []),
    ...(configMapRef ? [{ kind: "ConfigMap" as const, ...configMapRef, field: `${path}envFrom[${index}].configMapRef.name` }] : []),
  ]),
];

/** Kinds whose objects make a Secret, and where they say its name. */
const SECRET_MAKERS: Readonly<Record<string, (object: KubernetesObject) => string | undefined>> = {
  ExternalSecret: (object) => object.spec<{ target?: { name?: string } }>().target?.name ?? object.metadata.name,
  Certificate: (object) => object.spec<{ secretName: string }>().secretName,
  SealedSecret: (object) => object.metadata.name,
};

/** Whether some object of the stack makes what is named. */
function isMade({ kind, name = "" }: Reference, namespace: string | undefined, stack: StackIndex): boolean {
  if (stack.find(kind, namespace, name) !== undefined) return true;
  if (kind === "ConfigMap") return name === "kube-root-ca.crt" || stack.find("Bundle", undefined, name) !== undefined;
  if (kind !== "Secret") return false;
  return Object.entries(SECRET_MAKERS).some(([maker, nameOf]) =>
    stack.inNamespace(namespace, maker).some((object) => nameOf(object) === name),
  );
}

export const podReferencesExist = stackRule({
  id: "pod-references-exist",
  family: "wiring",
  severity: "medium",
  level: "advisory",
  reason: "A pod waits for ever for a Secret, ConfigMap or claim that nobody makes.",
  remedy: "Make it in the stack, or see that it is in the namespace before the pods are.",
  source: "Kubernetes, Secrets: Optional Secrets; kube-linter env-value-from",
  checkIn: (object, stack, report) => {
    const template = podTemplateOf(object);
    const { namespace } = object;
    if (template === undefined || stack.hasChart(namespace)) return;
    eachContainer(object, ({ container, name, path }) => reportMissing(ofContainer(container, path), name));
    const { volumes = [] } = template.spec ?? {};
    each(
      volumes.map((_, index) => index),
      (index) => reportMissing(ofVolume(volumes[index]!, `${template.path}spec.volumes[${index}]`)),
    );

    function reportMissing(references: readonly Reference[], container?: string): void {
      for (const reference of references) {
        if (reference.optional !== true && !isMade(reference, namespace, stack)) reportOne(report, reference, namespace, container);
      }
    }
  },
});

const reportOne = (report: Report, { kind, name, field }: Reference, namespace: string | undefined, container?: string): void =>
  report({
    field,
    problem: `is "${name}", and the stack makes no such ${kind} in namespace ${namespace}`,
    ...(container && { container }),
  });

/** Group of an API version, `apps` of `apps/v1`: its versions show the same objects. */
const groupOf = ({ apiVersion }: KubernetesObject): string => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");

export const oneObject = stackRule({
  id: "one-object",
  family: "wiring",
  severity: "critical",
  reason: "Two resources that are one object to the cluster overwrite each other in each update, and who deletes one deletes both.",
  remedy: "Give one of them another name or namespace, or take it out.",
  source: "Pulumi, Kubernetes: Managing resources with Server-Side Apply",
  checkIn: (object, stack, report) => {
    const { name } = object.metadata;
    if (name === undefined || object.isRelease) return;
    const same = stack.all(object.kind, object.namespace, name).filter((other) => groupOf(other) === groupOf(object));
    if (same[0] === object) return;
    report({ field: "metadata.name", problem: `is "${name}", as that of resource "${same[0]!.name}"` });
  },
});
