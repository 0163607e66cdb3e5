import { existsSync } from "node:fs";
import { join } from "node:path";
import { WAITS } from "./objects";

/** One way to bring the same objects up, as bash scripts. */
export interface Subject {
  readonly name: string;
  /** As the tables show it. */
  readonly title: string;
  /** Of ours, whose processes are also measured apart, or a peer that ours is compared with. */
  readonly side: "ours" | "peer";
  /** Ends when the objects are there and what is waited for is ready. */
  readonly up: string;
  /** The same again, with nothing to change. */
  readonly noop: string;
  /** Forgets what it knows of the objects, which are deleted apart from it. */
  readonly down: string;
}

/** Processes of ours, by their command lines. */
export const PROCESSES: Readonly<Record<string, RegExp>> = {
  engine: /^\S*\bpulumi /,
  "language host": /^\S*pulumi-language-nodejs(\.bin)? /,
  program: /@pulumi\/pulumi\/cmd\/run\//,
  "policy pack": /policy\/launcher\//,
  "program and policy pack": /@pulumi\/pulumi\/cmd\/run\/|policy\/launcher\//,
  plugins: /pulumi-resource-|sandbox-plugins-/,
};

const pulumi = (name: string, title: string, up: string): Subject => ({
  name,
  title,
  side: "ours",
  up,
  noop: `${up} --expect-no-changes`,
  down: "pulumi stack rm --yes --force --preserve-config; pulumi stack init $PULUMI_STACK --no-select",
});

export const OURS: readonly Subject[] = [
  pulumi("pulumi", "`pulumi up --skip-preview`", "pulumi up --yes --skip-preview"),
  pulumi("pulumi-preview", "`pulumi up`", "pulumi up --yes"),
  pulumi("pulumi-no-pack", "`pulumi up --skip-preview`, no policy pack", "env -u PULUMI_OPTION_POLICY_PACK pulumi up --yes --skip-preview"),
];

/** What ours is compared with, on objects that lie in a folder (`writeObjects`). */
export function peersOf(folder: string): Subject[] {
  const waits = Object.entries(WAITS).filter(([name]) => existsSync(join(folder, `${name}.yaml`)));
  const kubectl = [
    `kubectl apply --filename ${folder}/objects.yaml`,
    ...waits.map(([name, { command }]) => `kubectl ${command} --timeout 5m --filename ${folder}/${name}.yaml`),
  ].join("\n");
  const helm = `helm upgrade objects ${folder} --namespace default --install --wait --wait-for-jobs`;
  return [
    { name: "kubectl", title: "`kubectl apply`, and waits", side: "peer", up: kubectl, noop: kubectl, down: "" },
    {
      name: "helm",
      title: "`helm upgrade --install --wait`",
      side: "peer",
      up: helm,
      noop: helm,
      down: "helm uninstall objects --namespace default --ignore-not-found",
    },
  ];
}
