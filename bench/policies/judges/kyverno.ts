import { execa } from "execa";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../sandbox/paths";
import { answer, inFolder, yamlOf, type Findings, type Judge } from "./judge";

/** Its makers' chart of Pod Security policies, all of baseline and restricted, in the form that our own beside them have. */
const VALUES = ["policyType=ClusterPolicy", "podSecurityStandard=restricted", "includeOtherPolicies={require-non-root-groups}"];

/**
 * Writes the policies that stand for Kyverno's rules into a folder: those of its chart; ours lie in `bench/policies/kyverno`.
 *
 * @param files folder of its module
 */
export async function writePolicies(helm: string, files: string, folder: string, signal?: AbortSignal): Promise<void> {
  const options = ["--kube-version", "1.36.0", ...VALUES.flatMap((value) => ["--set", value])];
  const chart = join(files, "charts", "kyverno-policies");
  const { stdout } = await execa(helm, ["template", "policies", chart, ...options], { cancelSignal: signal });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "pod-security.yaml"), stdout);
}

/** Command line that judges the objects of a file by the policies of a folder and by ours. */
export const kyvernoArguments = (policies: string, file: string): string[] => [
  ...["apply", policies, join(checkout(), "bench", "policies", "kyverno")],
  ...["--resource", file, "--policy-report", "--output-format", "json"],
];

interface Report {
  readonly results?: readonly {
    readonly policy: string;
    readonly result: string;
    readonly resources?: readonly { readonly name?: string }[];
  }[];
}

/** All manifests in one run, since one takes seconds to begin: a new name, which no policy looks at, says which object is whose. */
export const kyverno = (program: string, policies: string, signal?: AbortSignal): Judge => ({
  name: "kyverno",
  judge: (manifests) =>
    inFolder(async (folder): Promise<Findings> => {
      const marked = manifests.flatMap(({ objects }, index) =>
        objects.map((object, place) => ({ ...object, metadata: { ...object.metadata, name: `m${index}-${place}` } })),
      );
      const file = join(folder, "manifests.yaml");
      writeFileSync(file, yamlOf(marked), { mode: 0o600 });
      const { results = [] } = await answer<Report>(program, kyvernoArguments(policies, file), signal);
      const failed = results.filter(({ result }) => result === "fail");
      return new Map(
        manifests.map(({ name }, index) => {
          const own = failed.filter(({ resources = [] }) => resources.some((of) => of.name?.startsWith(`m${index}-`)));
          return [name, [...new Set(own.map(({ policy }) => policy))].sort()];
        }),
      );
    }),
});
