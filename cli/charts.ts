import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { objectOf, type KubeObject, type Release } from "../planned/objects";
import type { Values } from "../planned/resource";
import { ensure } from "../sandbox/toolchain";
import { UserError } from "./errors";
import { signal } from "./interrupt";
import { sameAgain } from "./passed-on";
import { step } from "./steps";

/** Version of Kubernetes that charts are rendered for, as no cluster is asked. */
const KUBERNETES = "1.35.0";
/** At this many releases helm works at once. */
const AT_ONCE = 2;

/**
 * The objects of charts, as helm renders them. No cluster is asked.
 *
 * @throws UserError that names the charts which cannot be had, and what to type instead
 */
export async function rendered(releases: readonly Release[]): Promise<KubeObject[]> {
  if (releases.length === 0) return [];
  return step(`${releases.length} charts`, async (say) => {
    const { helm } = await ensure(["helm"], say, signal);
    const left = [...releases];
    const objects: KubeObject[] = [];
    const failed: string[] = [];
    const work = async (): Promise<void> => {
      for (let release = left.shift(); release; release = left.shift()) {
        const answer = await template(helm.path, release);
        if (typeof answer === "string") failed.push(`  ${release.name} (${release.chart} ${release.version}): ${answer}`);
        else objects.push(...answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failed.length === 0) return objects;
    throw new UserError(`${failed.length} of ${releases.length} charts cannot be rendered:\n${failed.join("\n")}`, [
      `${sameAgain("--charts sandbox")}   # with the sandbox's stand-ins for the charts, which are small`,
    ]);
  });
}

/** The objects of one chart, or what helm says went wrong. */
async function template(helm: string, { name, namespace, chart, version, repository, values }: Release): Promise<KubeObject[] | string> {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  try {
    const file = join(folder, "values.yaml"); // and not an argument, which whoever lists processes reads
    writeFileSync(file, stringify(values), { mode: 0o600 });
    const from = repository === "" ? [] : ["--repo", repository];
    const args = [
      "template",
      name,
      chart,
      ...from,
      "--version",
      version,
      "--namespace",
      namespace,
      "--kube-version",
      KUBERNETES,
      "--values",
      file,
    ];
    const { stdout, stderr, exitCode } = await execa(helm, args, { reject: false, cancelSignal: signal });
    if (exitCode !== 0) return stderr.trim().split("\n").at(-1) ?? "";
    const bodies = parseAllDocuments(stdout).map((document) => document.toJS() as Values | null);
    return bodies.flatMap((body) => (body === null ? [] : [{ ...objectOf(body), namespace: objectOf(body).namespace ?? namespace }]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
