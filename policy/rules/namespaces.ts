import { MEANT, POD_SECURITY, STRICTEST, strictness } from "../../sizing/pod-security";
import { objectRule } from "../rule";

export const namespacePodSecurity = objectRule({
  id: "namespace-pod-security",
  family: "objects",
  severity: "high",
  refusesUnknown: true,
  reason: "In a namespace that enforces nothing any pod may be privileged, use the node's network and mount its folders.",
  remedy: "Take namespaceOf, which sets all three labels; a level that is looser on purpose is said in podSecurity of the part's options.",
  source: "Kubernetes, Pod Security Admission; Kyverno add-psa-labels; design: restricted by default",
  check: (object, report) => {
    if (object.kind !== "Namespace") return;
    const { labels = {}, annotations = {} } = object.metadata;
    const meant = annotations[MEANT] ?? STRICTEST;
    for (const [mode, label] of Object.entries(POD_SECURITY)) {
      const least = mode === "enforce" ? meant : STRICTEST;
      const level = labels[label];
      if (level !== undefined && strictness(level) >= strictness(least)) continue;
      report({ field: `metadata.labels.${label}`, problem: `is ${level ?? "missing"}, and has to be ${least}` });
    }
  },
});
