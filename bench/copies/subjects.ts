import { join } from "node:path";
import { OURS } from "../subjects";

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

/** Where the copies lie as files: as they are, and with one line changed. */
export interface Places {
  /** Files of the stack's config. */
  readonly config: string;
  readonly changedConfig: string;
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
    pulumi("pulumi-no-pack", "`pulumi`, no policy pack", "env -u PULUMI_OPTION_POLICY_PACK pulumi"),
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
