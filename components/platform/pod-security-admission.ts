import { LEVELS, MEANT, POD_SECURITY } from "../../sizing/pod-security";
import { OURS } from "../kubernetes/metadata";
import type { Admission } from "./admission-options";
import { LABELS } from "./room";

const NAME = "stackyard-pod-security";

const STRICTNESS = `{${LEVELS.map((level, index) => `'${level}': ${index}`).join(", ")}}`;
/** What is no level counts as the loosest, as the API server takes it. */
const strictnessOf = (level: string): string => `${STRICTNESS}[?${level}].orValue(0)`;
const labelOf = (namespace: string, label: string): string => `${namespace}.metadata.?labels[?'${label}'].orValue('')`;
const isOurs = (namespace: string): string =>
  Object.entries(OURS)
    .map(([label, value]) => `${labelOf(namespace, label)} == '${value}'`)
    .join(" && ");

const enforced = (namespace: string): string => labelOf(namespace, POD_SECURITY.enforce);
/** What the namespace says that it is meant to enforce, else what it has enforced. */
const meant = `object.metadata.?annotations[?'${MEANT}'].orValue(${enforced("oldObject")})`;

/** Nobody has a namespace of ours enforce less than it did by taking its label off: who means it says so in an annotation, as our components do. */
export const podSecurityPolicyOf = () => ({
  metadata: { name: NAME, labels: LABELS },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [""],
          apiVersions: ["v1"],
          // labels can be written by the subresources, too
          resources: ["namespaces", "namespaces/status", "namespaces/finalize"],
          operations: ["UPDATE"],
        },
      ],
    },
    // by what it was, and by no selector: that would look at the labels that are left
    matchConditions: [{ name: "is-ours", expression: isOurs("oldObject") }],
    validations: [
      {
        expression: `${strictnessOf(enforced("object"))} >= ${strictnessOf(meant)}`,
        messageExpression: `'Namespace ' + object.metadata.name + ' is to enforce pod security "' + ${enforced("object")} + '", and is meant to enforce "' + ${meant} + '": leave it, or set podSecurity in the options of what it is for'`,
        message: "leave the label: pods would be less restricted",
      },
      {
        expression: isOurs("object"),
        messageExpression: `'Namespace ' + object.metadata.name + ' is part of stackyard, and is not to be without the label that says so: leave it'`,
        message: "leave the label: by it the cluster knows what it protects",
      },
    ],
  },
});

export const podSecurityBindingOf = ({ actions }: Admission) => ({
  metadata: { name: NAME, labels: LABELS },
  spec: { policyName: NAME, validationActions: [...actions] },
});
