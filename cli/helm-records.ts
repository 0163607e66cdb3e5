import type { KubernetesObjectApi } from "@kubernetes/client-node";
import { execa } from "execa";
import { ensure } from "../sandbox/toolchain";
import { UserError } from "./errors";
import { signal } from "./interrupt";
import { step } from "./steps";
import type { Target } from "./target";

/** A release of Helm's, as its resource has it among its inputs. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
}

/** What Helm has noted of a release: its revisions, the newest first. */
interface Noted {
  readonly release: HelmRelease;
  readonly revisions: readonly { readonly revision: number; readonly status: string }[];
}

/** What Helm has noted of releases, where it has noted anything. */
export async function notedOf(api: KubernetesObjectApi, releases: readonly HelmRelease[]): Promise<Noted[]> {
  const noted = await Promise.all(
    releases.map(async (release) => {
      const selector = `owner=helm,name=${release.name}`;
      const { items } = await api.list("v1", "Secret", release.namespace, undefined, undefined, undefined, undefined, selector);
      const revisions = items.map(({ metadata: { labels = {} } = {} }) => ({
        revision: Number(labels["version"]),
        status: labels["status"] ?? "",
      }));
      return { release, revisions: revisions.sort((a, b) => b.revision - a.revision) };
    }),
  );
  return noted.filter(({ revisions }) => revisions.length > 0);
}

/**
 * Ends what Helm was not done with when it was cut off, for it begins nothing else before: an install is undone and an upgrade goes back, as with those that
 * fail (`atomic`), and an uninstall is finished.
 *
 * @returns those of the releases that are installed, and those that are none any more
 * @throws UserError that says what Helm says went wrong
 */
export async function settle({ context, env }: Target, noted: readonly Noted[]) {
  const installed: HelmRelease[] = [];
  const gone: HelmRelease[] = [];
  for (const { release, revisions } of noted) {
    const { name, namespace } = release;
    const status = revisions[0]?.status ?? "";
    const isGone = ["pending-install", "uninstalling"].includes(status);
    (isGone ? gone : installed).push(release);
    if (!isGone && !status.startsWith("pending-")) continue;
    const whole = revisions.find(({ status }) => status === "deployed") ?? revisions[1];
    const args = isGone ? ["uninstall", name, "--wait"] : ["rollback", name, ...(whole ? [`${whole.revision}`] : [])];
    await step(`Release ${namespace}/${name}, whose last operation was cut off (${status}): ${args[0]}`, async (say) => {
      const { helm } = await ensure(["helm"], say, signal);
      const place = ["--namespace", namespace, "--kube-context", context];
      const { exitCode, stderr } = await execa(helm.path, [...args, ...place], { env, reject: false, cancelSignal: signal });
      if (exitCode !== 0) throw new UserError(`release ${namespace}/${name}: ${stderr}`, [`helm history ${name} ${place.join(" ")}`]);
    });
  }
  return { installed, gone };
}
