import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { clientOf, find } from "../../engine/cluster";

describe("a cluster that is asked", () => {
  it("is given up where it does not answer, by the request that it did not answer", async function () {
    this.timeout("20s"); // the first one loads the client
    const folder = mkdtempSync(join(tmpdir(), "stackyard-engine-"));
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    try {
      const server = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const KUBECONFIG = join(folder, "kubeconfig");
      const named = {
        name: "silent",
        cluster: { server, "insecure-skip-tls-verify": true },
        context: { cluster: "silent", user: "silent" },
      };
      writeFileSync(KUBECONFIG, stringify({ clusters: [named], contexts: [named], users: [{ name: "silent", user: {} }] }));
      const api = await clientOf({ context: "silent", env: { KUBECONFIG } }, 100);
      const asked = find(api, { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
      await assert.rejects(asked, new RegExp(`the cluster does not answer: GET ${server}/api/v1 took more than 0.1 s`));
    } finally {
      silent.closeAllConnections();
      silent.close();
      rmSync(folder, { recursive: true });
    }
  });
});
