import { eachContainer } from "../pods";
import { each, objectRule } from "../rule";

export const imagePinned = objectRule({
  id: "image-pinned",
  family: "containers",
  severity: "high",
  reason: "An image without a version is another one tomorrow, and no rollback brings the old one back.",
  remedy: "Name a tag that is never moved, or a digest.",
  source: "contract 1.2; Kyverno disallow-latest-tag; kube-linter latest-tag; kube-score container-image-tag; Polaris tagNotSpecified",
  check: (object, report) =>
    eachContainer(object, ({ container: { image = "" }, name, path }) => {
      const [reference = "", digest] = image.split("@");
      const tag = /:([^:/]+)$/.exec(reference)?.[1];
      if (digest !== undefined || (tag !== undefined && tag !== "latest")) return;
      report({ container: name, field: `${path}image`, problem: `is "${image}", and has to name a version` });
    }),
});

export const resourcesSet = objectRule({
  id: "resources-set",
  family: "containers",
  severity: "medium",
  reason: "A container without requests is scheduled anywhere and evicted first; one without a memory limit takes the node's.",
  remedy: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  source: "contract 1.5; Kyverno require-requests-limits; kube-score container-resources; Polaris cpuRequestsMissing, memoryLimitsMissing",
  check: (object, report) =>
    eachContainer(object, ({ container: { resources: { requests, limits } = {} }, name, path }) => {
      const given = { "requests.cpu": requests?.["cpu"], "requests.memory": requests?.["memory"], "limits.memory": limits?.["memory"] };
      for (const [part, amount] of Object.entries(given)) {
        if (amount === undefined) report({ container: name, field: `${path}resources.${part}`, problem: "is missing" });
      }
    }),
});

/** Names that a secret has by custom; what only points at one (…_FILE, …_NAME) ends otherwise. */
export const SECRET_NAME = /(^|[_.-])(token|password|passwd|secret|(api|access|secret|private|auth)[_-]?key([_-]?id)?|credentials?)$/i;

export const noSecretInEnv = objectRule({
  id: "no-secret-in-env",
  family: "containers",
  severity: "critical",
  reason: "Whoever may read pods reads it, and so does every log that prints the object.",
  remedy: "Keep it in a Secret, and name that by valueFrom.secretKeyRef or envFrom.",
  source: "contract 1.3; kube-linter env-var-secret; Polaris sensitiveContainerEnvVar",
  check: (object, report) =>
    eachContainer(object, ({ container: { env }, name, path }) =>
      each(env, (variable) => {
        if (!SECRET_NAME.test(variable.name ?? "") || !variable.value) return;
        report({ container: name, field: `${path}env`, problem: `holds "${variable.name}" in clear` });
      }),
    ),
});
