import { strict as assert } from "node:assert";
import { dotdoHashKey, dotdoScaling, noCookieBesideHash } from "../../policy/rules/dotdo";
import { changed, judged, unknown } from "./judge";

const NGINX = "nginx.ingress.kubernetes.io";
const annotations: Record<string, string> = { [`${NGINX}/upstream-hash-by`]: "$http_x_do_id" };
const ingress = {
  type: "kubernetes:networking.k8s.io/v1:Ingress",
  name: "dotdo-ingress",
  parents: ["stackyard:dotdo:Dotdo"],
  props: { metadata: { name: "dotdo", namespace: "dotdo", annotations } },
};
const hashedBy = (key: string) => changed(ingress, ({ metadata }) => void (metadata.annotations[`${NGINX}/upstream-hash-by`] = key));

describe("dotdo-hash-key", () => {
  for (const key of ["$http_x_do_id", "$request_uri", "${dotdo_hash_key}"]) {
    it(`takes ${key}`, () => assert.deepEqual(judged(dotdoHashKey, hashedBy(key)), []));
  }
  for (const key of ["$http_x_do_id$request_uri", "${http_x_do_id}-$request_uri", "dotdo"]) {
    it(`refuses ${key}`, () => assert.ok(judged(dotdoHashKey, hashedBy(key)).join().includes(`"${key}"`)));
  }

  describe("on a Gateway", () => {
    const policy = {
      type: "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy",
      name: "dotdo-policy-by-id",
      parents: ["stackyard:dotdo:Dotdo"],
      props: { spec: { loadBalancer: { consistentHash: { type: "Headers", headers: [{ name: "X-DO-ID" }] } } } },
    };
    const hashedBy = (consistentHash: object) =>
      changed(policy, ({ spec }) => void Object.assign(spec.loadBalancer.consistentHash, consistentHash));

    it("takes one header", () => assert.deepEqual(judged(dotdoHashKey, policy), []));
    it("refuses two joined, and what is no header", () => {
      const both = hashedBy({ headers: [{ name: "X-DO-ID" }, { name: ":path" }] });
      assert.match(judged(dotdoHashKey, both).join(), /"dotdo-policy-by-id" hashes by X-DO-ID and :path/);
      assert.match(judged(dotdoHashKey, hashedBy({ type: "Cookie", headers: undefined })).join(), /hashes by Cookie/);
    });
    it("leaves the policies of others alone", () => {
      assert.deepEqual(judged(dotdoHashKey, { ...hashedBy({ type: "SourceIP" }), parents: [] }), []);
    });
  });

  it("finds dotdo by the component that made the Ingress, whatever its labels say", () => {
    const key = "$http_x_do_id$request_uri";
    assert.equal(judged(dotdoHashKey, { ...hashedBy(key), parents: ["my:own:Platform", "stackyard:dotdo:Dotdo"] }).length, 1);
    assert.deepEqual(judged(dotdoHashKey, { ...hashedBy(key), parents: [] }), []);
  });

  it("says that it could not run where the key is not known yet", () => {
    assert.match(judged(dotdoHashKey, hashedBy(unknown)).join(), /can't be known during preview/);
  });
});

describe("no-cookie-beside-hash", () => {
  const sticky = changed(ingress, ({ metadata }) => void (metadata.annotations[`${NGINX}/affinity`] = "cookie"));

  it("takes a hash alone, and a cookie alone", () => {
    assert.deepEqual(judged(noCookieBesideHash, ingress), []);
    const cookie = changed(sticky, ({ metadata }) => void delete metadata.annotations[`${NGINX}/upstream-hash-by`]);
    assert.deepEqual(judged(noCookieBesideHash, cookie), []);
  });

  it("refuses session persistence of dotdo's HTTPRoutes", () => {
    const route = {
      type: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
      name: "dotdo-route",
      parents: ["stackyard:dotdo:Dotdo"],
      props: { spec: { rules: [{ sessionPersistence: undefined as object | undefined }] } },
    };
    assert.deepEqual(judged(noCookieBesideHash, route), []);
    const held = changed(route, ({ spec }) => spec.rules.forEach((rule) => (rule.sessionPersistence = { type: "Cookie" })));
    assert.match(judged(noCookieBesideHash, held).join(), /HTTPRoute "dotdo-route" has both session persistence/);
  });

  it("refuses both, on anybody's Ingress", () => {
    assert.match(judged(noCookieBesideHash, { ...sticky, parents: [] }).join(), /Ingress "dotdo-ingress" has both/);
  });
});

describe("dotdo-scaling", () => {
  const autoscaler = {
    type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    name: "dotdo-autoscaler",
    parents: ["stackyard:dotdo:Dotdo"],
    props: { spec: { minReplicas: 2 as number | undefined, maxReplicas: 200 } },
  };
  const between = (minReplicas: number | undefined, maxReplicas: number) =>
    changed(autoscaler, ({ spec }) => void Object.assign(spec, { minReplicas, maxReplicas }));

  it("takes 2 to 200 pods", () => assert.deepEqual(judged(dotdoScaling, autoscaler), []));

  it("refuses fewer and more", () => {
    assert.match(judged(dotdoScaling, between(1, 100)).join(), /minReplicas is 1, less than 2/);
    assert.match(judged(dotdoScaling, between(2, 201)).join(), /maxReplicas is 201, more than 200/);
  });

  it("takes what is left out for Kubernetes' own default, one pod", () => {
    assert.match(judged(dotdoScaling, between(undefined, 100)).join(), /minReplicas is 1, less than 2/);
  });

  it("takes its bounds from the policy config", () => {
    assert.deepEqual(judged(dotdoScaling, between(1, 5), { min: 1 }), []);
    assert.match(judged(dotdoScaling, between(2, 101), { max: 100 }).join(), /more than 100/);
  });
});
