/** How one program is built from Go modules, and from which version on one of PATH will do. */
export interface Recipe {
  /** Folder, beside this file, with the go.mod and the go.sum that it is built from. */
  readonly folder: string;
  /** Go package of its `main`. */
  readonly package: string;
  /** Linker flags beside `-s -w`; `VERSION`, `MAJOR` and `MINOR` stand for those of the version that is built. */
  readonly ldflags?: readonly string[];
  /** Build tags, which leave parts out. */
  readonly tags?: readonly string[];
  /** Oldest version on PATH that will do; of the next major version (of a 0.x, the next minor one) none will. */
  readonly minimum: string;
  /** Arguments that make it print its version; one that cannot goes by the first of its kit. */
  readonly ask?: readonly string[];
  /** Programs that are taken together: from one folder of PATH in one version, or all from the cache. Default: it alone. */
  readonly kit?: readonly string[];
  /** Script of a shell that is run in its stead; the program itself is `$0.bin`, wherever the cache is moved to. */
  readonly launcher?: string;
  /** Scripts of a further module that lie beside it. */
  readonly beside?: { readonly module: string; readonly files: readonly string[] };
}

const kubernetes = (command: string, own: Pick<Recipe, "minimum" | "ask" | "kit">): Recipe => ({
  folder: "kubernetes",
  package: `k8s.io/kubernetes/cmd/${command}`,
  ldflags: ["gitVersion=VERSION", "gitMajor=MAJOR", "gitMinor=MINOR", "gitTreeState=clean"].map(
    (value) => `-X k8s.io/component-base/version.${value}`,
  ),
  ...own,
});
const controlPlane = { minimum: "1.33.0", ask: ["--version"], kit: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] };

const kwok = (command: string): Recipe => ({
  folder: "kwok",
  package: `sigs.k8s.io/kwok/cmd/${command}`,
  minimum: "0.8.0",
  ask: ["--version"],
  kit: ["kwok", "kwokctl"],
});

const engine = ["pulumi", "pulumi-language-nodejs"];
/** Reads the options of Pulumi.yaml that this project and its example use: this host wants them as flags, which today's engine does not give. */
const LANGUAGE_HOST = `#!/bin/sh
typescript=$(sed -n 's/^ *typescript: *//p' Pulumi.yaml 2>/dev/null)
nodeargs=$(sed -n 's/^ *nodeargs: *//p' Pulumi.yaml 2>/dev/null)
exec "$0.bin" "-typescript=\${typescript:-true}" "-nodeargs=$nodeargs" "$@"
`;

const recipes = {
  etcd: { folder: "etcd", package: "go.etcd.io/etcd/server/v3", minimum: "3.6.0", ask: ["--version"] },
  "kube-apiserver": kubernetes("kube-apiserver", controlPlane),
  "kube-controller-manager": kubernetes("kube-controller-manager", controlPlane),
  "kube-scheduler": kubernetes("kube-scheduler", controlPlane),
  kwok: kwok("kwok"),
  kwokctl: kwok("kwokctl"),
  pulumi: {
    folder: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: ["-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=VERSION"],
    minimum: "3.220.0",
    ask: ["version"],
    kit: engine,
    // through which the engine starts a policy pack and a dynamic provider
    beside: {
      module: "github.com/pulumi/pulumi/sdk/v3",
      files: ["nodejs/dist/pulumi-analyzer-policy", "nodejs/dist/pulumi-resource-pulumi-nodejs"],
    },
  },
  // the engine's own language host is no Go module from 3.69 on; this one still runs today's @pulumi/pulumi
  "pulumi-language-nodejs": {
    folder: "pulumi-language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    launcher: LANGUAGE_HOST,
    minimum: "3.220.0",
    kit: engine,
  },
  // within the one minor version that it may differ from the API server
  kubectl: kubernetes("kubectl", { minimum: "1.35.0", ask: ["version", "--client"] }),
  helm: {
    folder: "helm",
    package: "helm.sh/helm/v3/cmd/helm",
    ldflags: ["-X helm.sh/helm/v3/internal/version.version=VERSION"],
    minimum: "3.14.0",
    ask: ["version", "--short"],
  },
  // the official provider of 2020: a second opinion on the stand-in, in a test
  "pulumi-resource-kubernetes": {
    folder: "pulumi-resource-kubernetes",
    package: "github.com/pulumi/pulumi-kubernetes/provider/v2/cmd/pulumi-resource-kubernetes",
    ldflags: ["-X github.com/pulumi/pulumi-kubernetes/provider/v2/pkg/version.Version=VERSION"],
    minimum: "2.0.0",
  },
  // checks the rules and runs the alerts of components/observability, in a test
  promtool: {
    folder: "promtool",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    // without what finds targets in every cloud, whose libraries are most of it
    tags: ["remove_all_sd"],
    minimum: "3.0.0",
    ask: ["--version"],
  },
} satisfies Record<string, Recipe>;

export type Program = keyof typeof recipes;
export const RECIPES: Readonly<Record<Program, Recipe>> = recipes;
