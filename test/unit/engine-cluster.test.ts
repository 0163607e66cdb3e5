import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { clientOf, find, reasonOf } from "../../engine/cluster";

describe("a cluster that is asked", function () {
  this.timeout("20s"); // the first one loads the client

  /** Asks a server for a namespace, and gives it 0.1 s. */
  async function asking(answer: RequestListener): Promise<{ server: string; error: unknown }> {
    const folder = mkdtempSync(join(tmpdir(), "stackyard-engine-"));
    const listener = createServer(answer).listen(0, "127.0.0.1");
    await once(listener, "listening");
    try {
      const server = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
      const KUBECONFIG = join(folder, "kubeconfig");
      const named = { name: "here", cluster: { server, "insecure-skip-tls-verify": true }, context: { cluster: "here", user: "here" } };
      writeFileSync(KUBECONFIG, stringify({ clusters: [named], contexts: [named], users: [{ name: "here", user: {} }] }));
      const api = await clientOf({ context: "here", env: { KUBECONFIG } }, 100);
      const asked = find(api, { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
      return {
        server,
        error: await asked.then(
          () => undefined,
          (error: unknown) => error,
        ),
      };
    } finally {
      listener.closeAllConnections();
      listener.close();
      rmSync(folder, { recursive: true });
    }
  }

  it("is given up where it does not answer, by the request that it did not answer", async () => {
    const { server, error } = await asking(() => {});
    assert.match(reasonOf(error), new RegExp(`the cluster does not answer: GET ${server}/api/v1 took more than 0.1 s$`));
  });

  for (const [what, body, reason] of [
    [
      "its own words",
      '{"kind":"Status","message":"namespaces \\"a\\" is forbidden: User \\"jane\\" cannot get it"}',
      /^namespaces "a" is forbidden: User "jane" cannot get it$/,
    ],
    ["all that it said, where that is no Status", "<html>bad gateway</html>", /HTTP-Code: 403[^]*bad gateway/],
  ] as const) {
    it(`has refused in ${what}`, async () => {
      const { error } = await asking((_, response) => response.writeHead(403, { "content-type": "application/json" }).end(body));
      assert.match(reasonOf(error), reason);
    });
  }
});
