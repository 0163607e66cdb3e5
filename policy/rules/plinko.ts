import type { KubernetesObject } from "../object";
import { eachContainer, podTemplateOf } from "../pods";
import { each, objectRule, stackRule } from "../rule";
import { isPlinko, nameOfPart, partOf } from "../systems";

const PARTS = ["eth-mock", "db-generator", "hint-generator", "update-service", "pir-server", "cdn-mock", "rabby-wallet"] as const;
type Part = (typeof PARTS)[number];

const WORKLOADS = ["Job", "Deployment"];
const workloadPart = (object: KubernetesObject): Part | undefined =>
  isPlinko(object) && WORKLOADS.includes(object.kind) ? partOf(object, PARTS) : undefined;

/** What each is made after, and what its pods wait for: a Job that runs again finds its predecessor's data, and not its predecessor. */
const AFTER: Readonly<Partial<Record<Part, readonly [before: Part, wait: string]>>> = {
  "db-generator": ["eth-mock", "wait-for-eth-mock"],
  "hint-generator": ["db-generator", "wait-for-database"],
  "update-service": ["hint-generator", "wait-for-serving"],
  "pir-server": ["hint-generator", "wait-for-serving"],
  "cdn-mock": ["hint-generator", "wait-for-serving"],
};

export const plinkoOrder = stackRule({
  id: "plinko-order",
  family: "plinko",
  severity: "high",
  reason: "A Job that starts before the data are whole makes hints of half a database, and a service that does serves them.",
  remedy: "Leave dependsOn as the component sets it: node, database, hints, services.",
  source: "contract 3.1, order; contract 3.7, 3 and 4",
  checkIn: (object, stack, report) => {
    const part = workloadPart(object);
    const [before] = (part && AFTER[part]) ?? [];
    if (part === undefined || before === undefined) return;
    const name = nameOfPart(object, part, before);
    const first = stack.ofKind(...WORKLOADS).find((other) => isPlinko(other) && other.name === name);
    if (first === undefined || stack.dependsOn(object, first)) return;
    report({ field: "dependsOn", problem: `is without ${first.title}, which has to come first` });
  },
});

export const plinkoWaits = objectRule({
  id: "plinko-waits",
  family: "plinko",
  severity: "high",
  reason: "Pods start again whenever they like, at a restored volume, too: only what waits in the pod itself keeps it from half the data.",
  remedy: "Leave the init containers as the component sets them: what waits comes first.",
  source: "contract 3.2, Init wait; contract 3.7, 3 and 4",
  check: (object, report) => {
    const part = workloadPart(object);
    const [, wait] = (part && AFTER[part]) ?? [];
    if (wait === undefined) return;
    const { spec, path } = podTemplateOf(object)!;
    const first = spec?.initContainers?.[0]?.name;
    if (first === wait) return;
    report({ field: `${path}spec.initContainers[0]`, problem: `is ${first ?? "missing"}, and has to be ${wait}` });
  },
});

/** What writes to the shared volume: the Jobs all of it, update-service its deltas. All others read, or do not see it. */
const WRITES: Readonly<Partial<Record<Part, RegExp>>> = {
  "db-generator": /^/,
  "hint-generator": /^/,
  "update-service": /\/deltas$/,
};
const WITHOUT: readonly Part[] = ["eth-mock", "rabby-wallet"];

export const plinkoVolume = objectRule({
  id: "plinko-volume",
  family: "plinko",
  severity: "high",
  reason:
    "Readers share the files of one generation: who writes to them changes the answers of all others, and who does not need them can leak them.",
  remedy: "Mount the volume with readOnly: true, and not at all in eth-mock and rabby-wallet.",
  source: "contract 3.2, /data",
  check: (object, report) => {
    const part = workloadPart(object);
    if (part === undefined) return;
    const { spec, path } = podTemplateOf(object)!;
    const shared = (spec?.volumes ?? []).filter(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined);
    if (WITHOUT.includes(part)) {
      if (shared.length > 0) report({ field: `${path}spec.volumes`, problem: `has the shared volume, which ${part} does not need` });
      return;
    }
    const names = shared.filter(({ persistentVolumeClaim }) => persistentVolumeClaim?.readOnly !== true).map(({ name }) => name);
    eachContainer(object, ({ container, name, path: at }) =>
      each(container.volumeMounts, (mount) => {
        if (!names.includes(mount.name) || mount.readOnly === true || WRITES[part]?.test(mount.subPath ?? "")) return;
        report({ container: name, field: `${at}volumeMounts`, problem: `has ${mount.mountPath} of the shared volume to write to` });
      }),
    );
  },
});

const CONFIGURED: readonly Part[] = ["cdn-mock", "rabby-wallet"];
const NGINX = "/etc/nginx/nginx.conf";

export const plinkoNginx = objectRule({
  id: "plinko-nginx",
  family: "plinko",
  severity: "high",
  reason: "The images' own nginx names hosts that are not there, and serves the whole volume, database.bin among it.",
  remedy: `Leave ${NGINX} to the ConfigMap that the component makes: of the volume it serves the public files, and answers 404 to all else.`,
  source: "contract 3.5; contract 3.7, 9 and 11",
  check: (object, report) => {
    const part = workloadPart(object);
    if (part !== undefined && CONFIGURED.includes(part)) {
      const { spec, path } = podTemplateOf(object)!;
      const { name, volumeMounts = [] } = spec?.containers?.[0] ?? {};
      const volume = volumeMounts.find(({ mountPath }) => mountPath === NGINX)?.name;
      const found = spec?.volumes?.some((one) => one.name === volume && one.configMap !== undefined);
      if (!found) report({ container: name, field: `${path}spec.containers[0].volumeMounts`, problem: `have no ${NGINX} of a ConfigMap` });
    }
    if (!isPlinko(object) || object.kind !== "ConfigMap" || !object.name.endsWith("-cdn-mock-config")) return;
    const config = (object.props["data"] as { readonly "nginx.conf"?: string } | undefined)?.["nginx.conf"] ?? "";
    const rest = /location\s+\/\s*\{([^}]*)\}/.exec(config)?.[1];
    if (!/^\s*return 404;\s*$/.test(rest ?? ""))
      report({ field: "data.nginx.conf", problem: "answers to other paths than those of the public files" });
  },
});
