import { each, objectRule } from "../rule";
import { SECRET_NAME, secretShapeOf } from "../secret";

export const ownNamespace = objectRule({
  id: "own-namespace",
  family: "objects",
  severity: "medium",
  reason: 'Namespace "default" has no pod security standard and no network policy, and belongs to nobody.',
  remedy: "Name the namespace of the system that the object is part of.",
  source: "design: a namespace a layer; Kyverno disallow-default-namespace; kube-linter use-namespace",
  check: (object, report) => {
    if (object.namespace === "default") {
      report({ field: object.isRelease ? "namespace" : "metadata.namespace", problem: 'is "default", and has to be one of its own' });
    }
  },
});

export const noSecretInConfigMap = objectRule({
  id: "no-secret-in-config-map",
  family: "objects",
  severity: "critical",
  reason: "Whoever may read ConfigMaps reads it, and so does every log that prints the object.",
  remedy: "Keep it in a Secret.",
  source: "contract 1.3; kube-linter configmap-with-credentials; Polaris sensitiveConfigmapContent",
  check: (object, report) => {
    if (object.kind !== "ConfigMap") return;
    for (const part of ["data", "binaryData"] as const) {
      const data = (object.props[part] ?? {}) as Readonly<Record<string, string>>;
      each(Object.keys(data), (name) => {
        const value = data[name]!;
        const shape = part === "data" ? secretShapeOf(value) : undefined;
        if (value === "" || (shape === undefined && !SECRET_NAME.test(name))) return;
        report({ field: `${part}.${name}`, problem: `is ${shape === undefined ? "" : `${shape} `}in clear` });
      });
    }
  },
});
