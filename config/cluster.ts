import * as z from "zod";
import { text } from "../components/kubernetes/options";
import { keyOf, quoted, type Commands, type Path } from "./commands";

const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Section `stackyard:cluster`: the one cluster that a stack may change. */
export const ClusterSection = z
  .strictObject({
    context: text(/./, "context: write the name of the kube context that reaches the cluster").meta({
      description: "Kube context that reaches the cluster.",
    }),
    uid: text(UID, "uid: write the uid of the cluster's kube-system namespace").meta({
      description: "Uid of the cluster's kube-system namespace. A cluster with another one is refused.",
    }),
    kubeconfig: text(/./, "path: write the path of a kubeconfig file")
      .optional()
      .meta({ description: "Path of the kubeconfig file. Default: $KUBECONFIG, else ~/.kube/config." }),
  })
  .meta({ description: "The cluster that the stack is bound to." });

export type ClusterSection = z.output<typeof ClusterSection>;

/** What binds a stack to its cluster is asked of kubeconfig and cluster: the commands that set it, where a path is about it. */
export function bindingCommand(path: Path, config: unknown, commands: Commands): string[] | undefined {
  const key = keyOf(path);
  const given = z.object({ cluster: z.object({ context: z.string().catch(""), kubeconfig: z.string().catch("") }) }).safeParse(config)
    .data?.cluster;
  const kubectl = `kubectl${given?.kubeconfig ? ` --kubeconfig ${quoted(given.kubeconfig)}` : ""}`;
  if (key === "stackyard:cluster.context") return [`${kubectl} config get-contexts -o name`, commands.set(key, "'<context>'")];
  if (key !== "stackyard:cluster.uid") return undefined;
  return [
    commands.set(
      key,
      `"$(${kubectl} --context ${quoted(given?.context || "<context>")} get namespace kube-system -o 'jsonpath={.metadata.uid}')"`,
    ),
  ];
}
