import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

const UID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const ANSWERS: Readonly<Record<string, object>> = {
  "/version": { gitVersion: "v1.35.2" },
  "/api/v1/namespaces/kube-system": { metadata: { uid: UID } },
};

/** A cluster of Kubernetes 1.35 that has nothing: what a stack that is planned asks, before it is anywhere. */
export interface EmptyCluster {
  /** As `stackyard:cluster` names it. */
  readonly binding: { readonly context: string; readonly uid: string; readonly kubeconfig: string };
  readonly end: () => void;
}

/** Serves one on loopback. */
export async function emptyCluster(): Promise<EmptyCluster> {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const api = createServer(({ url = "" }, response) => response.end(JSON.stringify(ANSWERS[url] ?? { items: [] })));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const kubeconfig = join(folder, "kubeconfig");
  const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const file = {
    clusters: [{ name: "empty", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user: {} }],
    contexts: [{ name: "empty", context: { cluster: "empty", user: "me" } }],
  };
  writeFileSync(kubeconfig, stringify(file));
  const end = () => {
    api.close();
    rmSync(folder, { recursive: true });
  };
  return { binding: { context: "empty", uid: UID, kubeconfig }, end };
}
