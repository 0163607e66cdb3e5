import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { HELD_PATHS } from "../../components/fluxiondb/held";
import { FluxionDbSection } from "../../config/fluxiondb";
import { prepareFluxionDb } from "../../stacks/fluxiondb";

const section = FluxionDbSection.parse({
  image: { tag: "1.0.3" },
  tenants: { alice: { ram: "1Gi", generateKey: true }, bob: { ram: "1Gi", generateKey: true } },
});
const ours = { "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": "fluxiondb" };
const claim = {
  metadata: { name: "fluxiondb", namespace: "fluxiondb-alice", labels: ours, annotations: { "stackyard.dev/ram": "8Gi" } },
  spec: { resources: { requests: { storage: "16Gi" } } },
};
const foreign = { metadata: { name: "fluxiondb-bob" } };

/** What the layer refuses with on a cluster that answers so, before it has planned anything. */
async function refusal(ask: (path: string) => Promise<unknown>): Promise<string> {
  const error: unknown = await prepareFluxionDb({ stack: "dev", ask, read: () => assert.fail("no stack is read") }, section).then(
    () => assert.fail("the layer was prepared"),
    (error: unknown) => error,
  );
  assert.ok(pulumi.RunError.isInstance(error), String(error));
  return error.message;
}

describe("layer fluxiondb", () => {
  it("says of all tenants at once what they cannot have, and what to type", async () => {
    const answers = { [HELD_PATHS.namespaces]: [foreign], [HELD_PATHS.claims]: [claim], [HELD_PATHS.databases]: [] };
    const [head, ...blocks] = (await refusal(async (path) => ({ items: answers[path] }))).split("\n\n");
    assert.match(head ?? "", /tenants of stack "dev" .*; nothing was changed/);
    assert.deepEqual(
      blocks.map((block) => block.split("\n")[0]),
      ["stackyard:fluxiondb.tenants.alice.ram", "stackyard:fluxiondb.tenants.bob"],
    );
    assert.match(blocks[0] ?? "", /\n {2}\$ pulumi config set --stack dev --path 'stackyard:fluxiondb\.tenants\.alice\.ram' 8Gi$/);
    assert.match(
      blocks[1] ?? "",
      /\n {2}\$ kubectl label namespace fluxiondb-bob [^\n]*\n {2}\$ \$EDITOR Pulumi\.dev\.yaml .*another name$/,
    );
  });

  it("says what is to be allowed where the cluster does not tell what there is", async () => {
    const said = await refusal(() => Promise.reject(new Error("GET /api/v1/namespaces was answered with 403")));
    assert.match(said, /tenants of stack "dev" have: GET \/api\/v1\/namespaces was answered with 403\. Nothing was changed\./);
    assert.match(said, /\$ kubectl auth can-i list persistentvolumeclaims --all-namespaces/);
  });
});
