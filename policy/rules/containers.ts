import { eachContainer } from "../pods";
import { objectRule } from "../rule";

/** An image with its registry, which container runtimes take for Docker's where a name has none. */
function wholeNameOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]/.test(first) || first === "localhost" ? image : `docker.io/${image}`;
}

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

export const imageRegistry = objectRule({
  id: "image-registry",
  family: "containers",
  severity: "medium",
  reason: "What runs is what whoever owns the registry puts there.",
  remedy: "Take the image from an allowed registry (stackyard:registry has mirrors), or allow its own in stackyard:policy.",
  source: "Kyverno restrict-image-registries; kube-linter latest-tag's AllowList",
  values: { allowed: [] as string[] }, // none are named: all are allowed
  check: (object, report, { allowed }) =>
    eachContainer(object, ({ container: { image = "" }, name, path }) => {
      const whole = wholeNameOf(image);
      if (allowed.length === 0 || allowed.some((from) => whole.startsWith(`${from}/`))) return;
      report({ container: name, field: `${path}image`, problem: `is "${whole}", and has to be of ${allowed.join(" or ")}` });
    }),
});

export const imagePullPolicy = objectRule({
  id: "image-pull-policy",
  family: "containers",
  severity: "low",
  reason: "On a node that several parties share, whoever names an image that is there already runs it, with no password of its registry.",
  remedy: "Set imagePullPolicy to Always, or required to false in stackyard:policy: a tag that is never moved need not be pulled again.",
  source: "kube-score container-image-pull-policy; Polaris pullPolicyNotAlways; Kyverno always-pull-images",
  values: { required: false as boolean }, // nodes are the stack's own, and image-pinned holds
  check: (object, report, { required }) =>
    eachContainer(object, ({ container: { imagePullPolicy = "missing" }, name, path }) => {
      if (!required || imagePullPolicy === "Always") return;
      report({ container: name, field: `${path}imagePullPolicy`, problem: `is ${imagePullPolicy}, and has to be Always` });
    }),
});

export const resourcesSet = objectRule({
  id: "resources-set",
  family: "containers",
  severity: "medium",
  reason: "A container without requests is scheduled anywhere and evicted first; one without limits takes the node's.",
  remedy: "Set resources.requests and resources.limits of CPU and memory.",
  source:
    "contract 1.5; Kyverno require-pod-requests-limits; kube-linter unset-cpu-requirements, unset-memory-requirements; kube-score container-resources; Polaris cpuRequestsMissing, cpuLimitsMissing, memoryRequestsMissing, memoryLimitsMissing",
  values: { required: ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] },
  check: (object, report, { required }) =>
    eachContainer(object, ({ container: { resources }, role, name, path }) => {
      if (role === "ephemeral") return; // the API server lets them have none
      for (const part of required) {
        const [kind, resource = ""] = part.split(".") as ["requests" | "limits", string?];
        if (resources?.[kind]?.[resource] === undefined) {
          report({ container: name, field: `${path}resources.${part}`, problem: "is missing" });
        }
      }
    }),
});
