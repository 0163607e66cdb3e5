import { each, objectRule } from "../rule";
import { SECRET_NAME } from "./containers";

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
  source: "contract 1.3; Polaris sensitiveConfigmapContent",
  check: (object, report) => {
    if (object.kind !== "ConfigMap") return;
    const data = (object.props["data"] ?? {}) as Record<string, unknown>;
    each(Object.keys(data), (name) => {
      if (SECRET_NAME.test(name) && typeof data[name] === "string" && data[name] !== "")
        report({ field: `data.${name}`, problem: "is in clear" });
    });
  },
});
