import { execa } from "execa";
import type { Sandbox } from "../sandbox";

/** Versions of what is measured, and of what it runs on. */
export async function versionsOf(
  { cluster, plugins }: Pick<Sandbox, "cluster" | "plugins">,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const answer = async (program: string, ...args: string[]) => (await execa(program, args, { env })).stdout.replace(/^v/, "");
  const provider = plugins.find(({ name }) => name === "kubernetes");
  return {
    Kubernetes: cluster.version,
    Pulumi: await answer("pulumi", "version"),
    "its Kubernetes plugin": `${provider?.version} (${provider?.source})`,
    Helm: await answer("helm", "version", "--template", "{{ .Version }}"),
    Node: process.versions.node,
  };
}
