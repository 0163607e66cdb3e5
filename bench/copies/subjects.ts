import { join } from "node:path";
import { TenantsSection } from "../../config/tenants";
import { OURS } from "../subjects";

/** Copies of one stack where several share them, as FluxionDB as a service makes them. */
export const { shardSize: SHARD } = TenantsSection.parse({});
/** Stacks that are run at once: one a processor of the machine that it was measured on. */
const AT_ONCE = 2;

/** What each of them is measured at. */
export const RUNS = ["up", "noop", "preview", "change"] as const;
export type Run = (typeof RUNS)[number];
/** How often each is measured in a round: what changes nothing can be run again at once. */
export const TIMES: Readonly<Record<Run, number>> = { up: 1, noop: 3, preview: 3, change: 1 };

/** One way to bring the same copies up, as bash scripts. */
export interface Subject {
  readonly name: string;
  /** As the tables show it. */
  readonly title: string;
  readonly side: "ours" | "peer";
  /** Left out: it has no such thing. */
  readonly scripts: Readonly<Partial<Record<Run, string>>> & { readonly up: string };
  /** Forgets what it knows of the objects, which are deleted apart from it. */
  readonly down: string;
}

/** Files of a stack's config: as it is, and with one line changed. */
export interface StackFiles {
  readonly config: string;
  readonly changedConfig: string;
}

/** One of several stacks that share the copies. */
export interface Shard extends StackFiles {
  readonly stack: string;
}

/** Where the copies lie as files: as they are, and with one line changed. */
export interface Places extends StackFiles {
  readonly shards: readonly Shard[];
  /** Folders as `writeObjects` writes them. */
  readonly objects: string;
  readonly changedObjects: string;
  /** Files of helmfile, with a release a copy. */
  readonly releases: string;
  readonly changedReleases: string;
  /** Path of `helmfile`. */
  readonly helmfile: string;
}

/** Lets an exit code of 1 pass, by which `kubectl diff` says that there are differences. */
const differing = (command: string) => `${command} >/dev/null || test $? = 1`;

export function subjectsOf(places: Places): Subject[] {
  const down = OURS[0]?.down ?? "";
  const pulumi = (name: string, title: string, program: string): Subject => {
    const of = (config: string, command: string) => `PULUMI_OPTION_CONFIG_FILE=${config} ${program} ${command}`;
    return {
      name,
      title,
      side: "ours",
      scripts: {
        up: of(places.config, "up --yes --skip-preview"),
        noop: of(places.config, "up --yes --skip-preview --expect-no-changes"),
        preview: of(places.changedConfig, "preview"),
        change: of(places.changedConfig, "up --yes --skip-preview"),
      },
      down,
    };
  };
  const withoutPack = "env -u PULUMI_OPTION_POLICY_PACK";
  const once = pulumi("pulumi-once", "`pulumi`, no policy pack, state written once", `${withoutPack} PULUMI_SKIP_CHECKPOINTS=true pulumi`);
  const shards = (file: keyof StackFiles, command: string) => {
    const all = places.shards.map((shard) => `${shard.stack} ${shard[file]}`).join("\n");
    const one = `export PULUMI_STACK="$0" PULUMI_OPTION_CONFIG_FILE="$1"; ${command}`;
    return `xargs --max-procs ${AT_ONCE} --max-args 2 bash -euc '${one}' <<<'${all}'`;
  };
  const kubectl = (folder: string) =>
    [
      `kubectl apply --server-side --filename ${join(folder, "objects.yaml")}`,
      `kubectl rollout status --timeout 15m --filename ${join(folder, "workloads.yaml")}`,
      `kubectl wait --for=jsonpath='{.status.phase}'=Bound --timeout 15m --filename ${join(folder, "claims.yaml")}`,
    ].join("\n");
  const helm = (folder: string, ...flags: string[]) =>
    ["helm upgrade copies", folder, "--namespace default --install --timeout 15m", ...flags].join(" ");
  const helmfile = (file: string) => `${places.helmfile} --file ${file} sync`;
  return [
    pulumi("pulumi", "`pulumi`", "pulumi"),
    pulumi("pulumi-no-pack", "`pulumi`, no policy pack", `${withoutPack} pulumi`),
    { ...once, scripts: { up: once.scripts.up, change: once.scripts.change } }, // it is the same where nothing changes
    {
      name: "pulumi-shards",
      title: `\`pulumi\`, stacks of ${SHARD}, ${AT_ONCE} at once`,
      side: "ours",
      scripts: {
        up: shards("config", 'pulumi stack init "$0" --no-select; pulumi up --yes --skip-preview'),
        noop: shards("config", "pulumi up --yes --skip-preview --expect-no-changes"),
        preview: shards("changedConfig", "pulumi preview"),
        change: shards("changedConfig", "pulumi up --yes --skip-preview"),
      },
      down: shards("config", "pulumi stack rm --yes --force --preserve-config"),
    },
    {
      name: "kubectl",
      title: "`kubectl apply`, and waits",
      side: "peer",
      scripts: {
        up: kubectl(places.objects),
        noop: kubectl(places.objects),
        preview: differing(`kubectl diff --server-side --filename ${join(places.changedObjects, "objects.yaml")}`),
        change: kubectl(places.changedObjects),
      },
      down: "",
    },
    {
      name: "helm",
      title: "`helm upgrade --install --wait`, one release",
      side: "peer",
      scripts: {
        up: helm(places.objects, "--wait"),
        noop: helm(places.objects, "--wait"),
        preview: `${helm(places.changedObjects, "--dry-run=server")} >/dev/null`,
        change: helm(places.changedObjects, "--wait"),
      },
      down: "helm uninstall copies --namespace default --ignore-not-found",
    },
    {
      name: "helmfile",
      title: "`helmfile sync`, a release a copy",
      side: "peer",
      scripts: { up: helmfile(places.releases), noop: helmfile(places.releases), change: helmfile(places.changedReleases) },
      down: `${places.helmfile} --file ${places.releases} destroy`,
    },
  ];
}
