import { each, type Rule } from "../rule";
import { containersOf, kindOf } from "../resources";

export const imagePinned: Rule = {
  id: "image-pinned",
  severity: "high",
  reason: "An image without a version is another one tomorrow, and no rollback brings the old one back.",
  remedy: "Name a tag that is never moved, or a digest.",
  source: "contract 1.2",
  check: (resource, report) =>
    each(containersOf(resource), ({ name, image = "" }) => {
      const [reference = "", digest] = image.split("@");
      const tag = /:([^:/]+)$/.exec(reference)?.[1];
      if (digest === undefined && (tag === undefined || tag === "latest")) report(`Container "${name}" has image "${image}"`);
    }),
};

export const resourcesSet: Rule = {
  id: "resources-set",
  severity: "medium",
  reason: "A container without requests is scheduled anywhere and evicted first; one without a memory limit takes the node's.",
  remedy: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  source: "contract 1.5",
  check: (resource, report) =>
    each(containersOf(resource), ({ name, resources: { requests, limits } = {} }) => {
      const given = { "requests.cpu": requests?.cpu, "requests.memory": requests?.memory, "limits.memory": limits?.memory };
      const missing = Object.entries(given).flatMap(([part, amount]) => (amount === undefined ? [part] : []));
      if (missing.length > 0) report(`Container "${name}" has no ${missing.join(", ")}`);
    }),
};

/** Names that a secret has by custom; what only points at one (…_FILE, …_NAME) ends otherwise. */
const SECRET_NAME = /(^|[_.-])(token|password|passwd|secret|(api|access|secret|private|auth)[_-]?key([_-]?id)?|credentials?)$/i;

export const noSecretInClear: Rule = {
  id: "no-secret-in-clear",
  severity: "critical",
  reason: "Whoever may read pods or ConfigMaps reads it, and so does every log that prints the object.",
  remedy: "Keep it in a Secret, and name that by valueFrom.secretKeyRef or envFrom.",
  source: "contract 1.3",
  check: (resource, report) => {
    const inClear = (where: string, name = "", value: unknown) => {
      if (SECRET_NAME.test(name) && typeof value === "string" && value !== "") report(`${where} holds "${name}" in clear`);
    };
    if (kindOf(resource.type) === "ConfigMap") {
      const data = (resource.props["data"] ?? {}) as Record<string, unknown>;
      each(Object.keys(data), (name) => inClear("The ConfigMap", name, data[name]));
    }
    each(containersOf(resource), (container) =>
      each(container.env, ({ name, value }) => inClear(`The environment of container "${container.name}"`, name, value)),
    );
  },
};
