import { strict as assert } from "node:assert";
import { addressGiven, edgeAccepted, servicesServed } from "../../../verify/checks/edge";
import { reachable } from "../../../verify/checks/outside";
import { deployment, inNamespace, pod, redOf, saidBy } from "./given";

const service = (spec: object = {}, status: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: inNamespace("web"),
  spec: { clusterIP: "10.0.0.1", selector: { app: "web" }, ...spec },
  status,
});
const slice = (ready: boolean, name = "web") => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: inNamespace(`${name}-1`, { "kubernetes.io/service-name": name }),
  endpoints: [{ conditions: { ready } }],
});

const addressed = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
const ingress = (status: object, spec: object = {}) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: inNamespace("web"),
  spec: {
    rules: [{ host: "app.example.com", http: { paths: [{ backend: { service: { name: "web" } } }] } }],
    tls: [{ hosts: ["app.example.com"] }],
    ...spec,
  },
  status,
});

const conditions = (...types: string[]) => types.map((type) => ({ type, status: "True", reason: type }));
const refused = [{ type: "Accepted", status: "False", reason: "NotAllowedByListeners" }, ...conditions("ResolvedRefs", "Programmed")];
const gateway = (status: object) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { namespace: "edge", name: "edge" },
  spec: {},
  status,
});
const route = (parents: object[]) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: inNamespace("web"),
  spec: {
    hostnames: ["app.example.com"],
    parentRefs: [{ kind: "Gateway", namespace: "edge", name: "edge" }],
    rules: [{ backendRefs: [{ name: "web" }] }],
  },
  status: { parents: parents.map((conditions) => ({ parentRef: { name: "edge" }, conditions })) },
});

describe("verify, of the edge:", () => {
  it("a Service is green with an address and a ready pod behind it", async () => {
    assert.deepEqual(await saidBy(servicesServed, { live: [service(), slice(true)] }), ["passed: 10.0.0.1, 1 ready"]);
    assert.deepEqual(await saidBy(servicesServed, { live: [service(), slice(false)] }), ["failed: no ready pod is behind it"]);
    assert.deepEqual(await saidBy(servicesServed, { live: [service(), slice(true, "api")] }), ["failed: no ready pod is behind it"]);
    assert.deepEqual(await saidBy(servicesServed, { live: [service({ clusterIP: "" }), slice(true)] }), ["failed: has no ClusterIP"]);
  });

  it("of a Service that selects nothing only its address is asked, and of a name for elsewhere nothing", async () => {
    assert.deepEqual(await saidBy(servicesServed, { live: [service({ selector: undefined })] }), ["passed: 10.0.0.1"]);
    assert.deepEqual(await saidBy(servicesServed, { live: [service({ type: "ExternalName", clusterIP: undefined })] }), []);
  });

  it("an Ingress and a load balancer need an address, and no other Service does", async () => {
    assert.deepEqual(await saidBy(addressGiven, { live: [ingress(addressed)] }), ["passed: 192.0.2.1"]);
    assert.deepEqual(await saidBy(addressGiven, { live: [ingress({ loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } })] }), [
      "passed: lb.example.com",
    ]);
    assert.deepEqual(await saidBy(addressGiven, { live: [ingress({})] }), ["failed: has no address yet"]);
    assert.deepEqual(await saidBy(addressGiven, { live: [ingress({ loadBalancer: { ingress: [{}] } })] }), ["failed: has no address yet"]);
    assert.deepEqual(await saidBy(addressGiven, { live: [service({ type: "LoadBalancer" })] }), ["failed: has no address yet"]);
    assert.deepEqual(await saidBy(addressGiven, { live: [service()] }), []);
  });

  it("a route is reached under the address of the Gateway that it hangs on, also by a set of listeners", async () => {
    const edge = gateway({ addresses: [{ value: "192.0.2.9" }] });
    assert.deepEqual(await saidBy(addressGiven, { live: [route([]), edge], deployed: [route([])] }), ["passed: 192.0.2.9"]);
    assert.deepEqual(await saidBy(addressGiven, { live: [route([]), gateway({})], deployed: [route([])] }), ["failed: has no address yet"]);
    const listeners = {
      ...edge,
      kind: "ListenerSet",
      metadata: inNamespace("web"),
      spec: { parentRef: { name: "edge", namespace: "edge" } },
      status: {},
    };
    const through = { ...route([]), spec: { parentRefs: [{ kind: "ListenerSet", name: "web" }] } };
    assert.deepEqual(await saidBy(addressGiven, { live: [through, listeners, edge], deployed: [through] }), ["passed: 192.0.2.9"]);
  });

  it("a Gateway is accepted and programmed, and a route by each parent that it names", async () => {
    assert.match((await saidBy(edgeAccepted, { live: [gateway({ conditions: conditions("Accepted", "Programmed") })] })).join(), /^passed/);
    assert.deepEqual(await saidBy(edgeAccepted, { live: [gateway({ conditions: conditions("Accepted") })] }), [
      "failed: nothing has said yet whether it is Programmed",
    ]);
    assert.deepEqual(await saidBy(edgeAccepted, { live: [route([conditions("Accepted", "ResolvedRefs")])] }), ["passed: by edge"]);
    assert.deepEqual(await saidBy(edgeAccepted, { live: [route([])] }), ["failed: no controller has said yet whether it takes it"]);
    const red = await redOf(edgeAccepted, { live: [route([refused])] });
    assert.equal(red.found, "by edge: Accepted is False: NotAllowedByListeners");
    assert.equal(red.next, "kubectl describe -n ns httproute.gateway.networking.k8s.io/web");
  });
});

describe("verify, from outside:", () => {
  const probe = { readinessProbe: { httpGet: { path: "/api/health/ready", port: 3000 } } };
  const serving = { ...pod("web-0"), spec: { containers: [{ name: "web", ...probe }] } };
  const live = [ingress(addressed), service(), deployment(), serving];
  const deployed = [ingress(addressed)];

  it("a host is asked for what its pods' readiness probe asks, by its own scheme, under the entrance's address", async () => {
    const asked: string[] = [];
    const reach = async (url: string, address: string) => asked.push(`${url} ${address}`) && 200;
    assert.deepEqual(await saidBy(reachable, { live, deployed, reach }), ["passed: https://app.example.com/api/health/ready 200"]);
    assert.deepEqual(asked, ["https://app.example.com/api/health/ready 192.0.2.1"]);
  });

  it("an answer that is an error is red, and so is none", async () => {
    for (const status of [404, 500, 503]) {
      const found = `failed: https://app.example.com/api/health/ready is answered with ${status}`;
      assert.deepEqual(await saidBy(reachable, { live, deployed, reach: async () => status }), [found]);
    }
    const reach = () => Promise.reject(new Error("no answer within 10 s"));
    assert.match((await redOf(reachable, { live, deployed, reach })).found, /under 192\.0\.2\.1: no answer within 10 s$/);
    assert.deepEqual(await saidBy(reachable, { live: [ingress({}), serving], deployed: [ingress({})] }), [
      "failed: has no address to be reached under",
    ]);
  });

  it("what speaks no HTTP to a probe may answer as it likes, but not as an edge that knows no such host", async () => {
    const silent = [ingress(addressed), service(), pod("web-0")];
    assert.deepEqual(await saidBy(reachable, { live: silent, deployed, reach: async () => 426 }), ["passed: https://app.example.com/ 426"]);
    assert.match((await saidBy(reachable, { live: silent, deployed, reach: async () => 404 })).join(), /^failed/);
  });

  it("nobody is asked where no container runs, nor for a wildcard", async () => {
    const played = [ingress(addressed), pod("web-0", { played: true })];
    assert.match((await saidBy(reachable, { live: played, deployed })).join(), /^skipped: no container runs/);
    const wild = ingress(addressed, { rules: [{ host: "*.example.com" }] });
    assert.deepEqual(await saidBy(reachable, { live: [wild], deployed: [wild] }), []);
  });
});
