import { strict as assert } from "node:assert";
import { BY_EITHER, BY_ID, BY_URI, hashKeyMap } from "../../components/dotdo/routing";
import { Nginx, startNginx } from "../support/nginx";

/** The rule by which requests find their pods, in a real nginx with five of them. */

const PODS = ["a", "b", "c", "d", "e"];
const IDS = Array.from({ length: 1000 }, (_, index) => `object-${index}`);

const pod = (name: string) => `server { listen unix:${name}.sock; return 200 ${name}; }`;
const edge = (name: string, hash: string, pods: string[]) => `
  upstream ${name} { hash ${hash}; ${pods.map((pod) => `server unix:${pod}.sock;`).join(" ")} }
  server { listen unix:${name}.edge; location / { proxy_pass http://${name}; } }`;

describe("routing of dotdo", function () {
  this.timeout(120_000); // the first time nginx has to be fetched

  let nginx: Nginx;
  before(async () => {
    const four = PODS.filter((name) => name !== "c");
    nginx = await startNginx(
      [
        hashKeyMap(),
        ...PODS.map(pod),
        edge("ours", `${BY_EITHER} consistent`, PODS),
        edge("ours_less_one", `${BY_EITHER} consistent`, four),
        edge("plain", BY_EITHER, PODS),
        edge("plain_less_one", BY_EITHER, four),
        edge("joined", `${BY_ID}${BY_URI} consistent`, PODS),
      ].join("\n"),
      "joined.edge",
    );
  });
  after(() => nginx?.stop());

  const podOf = async (edge: string, path: string, id?: string) => {
    const { status, body } = await nginx.ask(`${edge}.edge`, path, id === undefined ? {} : { "X-DO-ID": id });
    assert.equal(status, 200);
    return body;
  };
  const podsOf = (edge: string, paths: string[], id?: string) => Promise.all(paths.map((path) => podOf(edge, path, id)));
  const paths = Array.from({ length: 50 }, (_, index) => `/rpc/${index}?call=${index}`);

  it("sends one object to one pod, whatever the URI", async () => {
    for (const id of IDS.slice(0, 20)) assert.equal(new Set(await podsOf("ours", paths, id)).size, 1, id);
    // id and URI joined, as the chart has it, would scatter the same object over all pods
    assert.equal(new Set(await podsOf("joined", paths, "object-1")).size, PODS.length);
  });

  it("spreads objects evenly over pods", async () => {
    const found = await Promise.all(IDS.map((id) => podOf("ours", "/", id)));
    for (const name of PODS) {
      const share = found.filter((body) => body === name).length / IDS.length;
      assert.ok(share > 0.12 && share < 0.28, `pod ${name} has ${share * 100} % of the objects`);
    }
  });

  it("goes by the URI where the header is absent or empty", async () => {
    const first = await podsOf("ours", paths);
    assert.deepEqual(await podsOf("ours", paths), first);
    assert.deepEqual(await podsOf("ours", paths, ""), first);
    assert.equal(new Set(first).size, PODS.length);
    // the same key, whether it comes as id or as URI
    assert.deepEqual(await Promise.all(paths.map((path) => podOf("ours", "/", path))), first);
  });

  it("moves only the objects of a pod that goes, where a plain hash moves most", async () => {
    const moved = async (before: string, after: string) => {
      const pairs = await Promise.all(IDS.map(async (id) => [await podOf(before, "/", id), await podOf(after, "/", id)] as const));
      return {
        all: pairs.filter(([was, is]) => was !== is).length / IDS.length,
        others: pairs.filter(([was, is]) => was !== "c" && was !== is).length,
      };
    };
    const ours = await moved("ours", "ours_less_one");
    assert.equal(ours.others, 0, "objects of pods that stay have moved");
    assert.ok(ours.all > 0.12 && ours.all < 0.28, `${ours.all * 100} % of the objects moved`);
    const plain = await moved("plain", "plain_less_one");
    assert.ok(plain.all > 0.6, `a plain hash moved only ${plain.all * 100} %`);
  });
});
