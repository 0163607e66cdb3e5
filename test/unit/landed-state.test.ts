import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { boundTo, CLUSTER, landedOf, objectsOf, secretTextsIn, type Resource } from "../support/landed-state";

const STATES = "test/fixtures/states";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const base64 = (text: string) => Buffer.from(text).toString("base64");
const urn = (type: string, name: string) => `urn:pulumi:dev::stackyard::${type}::${name}`;
const provider = urn("pulumi:providers:kubernetes", "cluster");
const cluster = { clusterIdentifier: "4f5a", context: "kind-here", kubeconfig: "/home/me/kubeconfig" };

/** A state as the engine might write it: a generated password, what is derived from it, and things of the run. */
const exported = (over: Partial<Resource> = {}): Resource[] => [
  {
    urn: urn("random:index/randomPassword:RandomPassword", "key"),
    type: "random:index/randomPassword:RandomPassword",
    custom: true,
    id: "none",
    outputs: { result: secret("hunter2") },
  },
  { urn: provider, type: "pulumi:providers:kubernetes", custom: true, id: "52d797e9-f567", inputs: cluster },
  { urn: urn("stackyard:a:A", "a"), type: "stackyard:a:A", custom: false, inputs: { apiKey: secret("hunter2") } },
  {
    urn: urn("kubernetes:core/v1:Secret", "a-secret"),
    type: "kubernetes:core/v1:Secret",
    custom: true,
    id: "ns/a-secret-1a2b3c4d",
    provider: `${provider}::52d797e9-f567`,
    dependencies: [urn("random:index/randomPassword:RandomPassword", "key")],
    inputs: {
      kind: "Secret",
      metadata: { name: "a-secret-1a2b3c4d", annotations: { "pulumi.com/autonamed": "true" } },
      stringData: secret({ url: "redis://:hunter2@redis" }),
    },
    outputs: {
      kind: "Secret",
      metadata: { name: "a-secret-1a2b3c4d", annotations: { "pulumi.com/autonamed": "true" }, uid: "c0e2249d", resourceVersion: "538" },
      data: secret({ url: base64("redis://:hunter2@redis") }),
    },
    ...over,
    ...({ created: "2026-11-21T18:28:42Z", stackTrace: [{}] } as object),
  },
];

describe("the state of a version that has landed, as a fixture", () => {
  const text = JSON.stringify(landedOf(exported()));
  const [made] = landedOf(exported()).filter(({ type }) => type === "kubernetes:core/v1:Secret");

  it("has a placeholder for each secret, also where it is derived or in base64", () => {
    assert.doesNotMatch(text, /hunter2|aHVudGVyMg/);
    assert.ok(!text.includes(base64("redis://:hunter2@redis")));
    assert.deepEqual(secretTextsIn(made), ["redis://:landed-key@redis", base64("redis://:landed-key@redis")]);
  });

  it("has nothing of the run, the cluster or the machine that made it", () => {
    assert.doesNotMatch(text, /2026-11|stackTrace|c0e2249d|538|1a2b3c4d|52d797e9|4f5a|kind-here|\/home/);
    assert.equal(made?.id, "ns/a-secret-landed");
    assert.match(made?.provider ?? "", /::00000000-0000-4000-8000-000000000000$/);
  });

  it("is the same in whatever order the engine has written it, each resource after what it needs", () => {
    assert.equal(JSON.stringify(landedOf([...exported()].reverse())), text);
    const names = landedOf(exported()).map(({ urn }) => urn.split("::").at(-1));
    assert.ok(names.indexOf("a-secret") > Math.max(names.indexOf("key"), names.indexOf("cluster")), names.join());
  });

  it("is refused with a secret that nobody knows", () => {
    assert.throws(
      () => landedOf(exported({ inputs: { stringData: secret({ token: "from elsewhere" }) } })),
      /a-secret holds a secret that no random resource has made/,
    );
  });

  it("is for the cluster that it is imported for, whose objects are its inputs in clear", () => {
    const state = boundTo(landedOf(exported()), { uid: "new-uid", context: "kind-new", kubeconfig: "/new" });
    const [{ inputs } = {}] = state.filter(({ urn }) => urn === provider);
    assert.deepEqual(inputs, { clusterIdentifier: "new-uid", context: "kind-new", kubeconfig: "/new" });
    assert.deepEqual(
      objectsOf(state).map(({ stringData }) => stringData),
      [{ url: "redis://:landed-key@redis" }],
    );
  });
});

describe("fixtures of states", () => {
  const files = readdirSync(STATES);

  it("has one of the version that package.json names", () => {
    assert.ok(files.includes(`${version}.json`), `there is no ${STATES}/${version}.json: npm run fixture:state writes it`);
  });

  for (const file of files) {
    it(`${file} holds no secret, and nothing of a cluster or a machine`, () => {
      const content = readFileSync(join(STATES, file), "utf8");
      const resources = JSON.parse(content) as Resource[];
      assert.ok(resources.length > 100);
      assert.equal(JSON.stringify(landedOf(boundTo(resources, CLUSTER))), JSON.stringify(resources));
      assert.deepEqual(content.match(/ciphertext|kwok|\.sandbox|managedFields|resourceVersion|creationTimestamp/g) ?? [], []);
      assert.deepEqual([...new Set(resources.flatMap(({ inputs }) => inputs?.["kubeconfig"] ?? []))], [CLUSTER.kubeconfig]);
    });
  }
});
