import type { V1Container } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import type { PodRequest } from "../../../verify/check";
import { dataFiles, health } from "../../../verify/checks/health";
import { deployment, pod, redOf, saidBy } from "./given";

const httpGet = { path: "/health", port: "http", httpHeaders: [{ name: "Host", value: "localhost" }] };
const container = (name: string): V1Container => ({
  name,
  ports: [{ name: "http", containerPort: 8080 }],
  readinessProbe: { httpGet },
});
const cdn = deployment("cdn-mock", {
  containers: [container("cdn-mock")],
  initContainers: [{ name: "wait-for-serving" }],
});
const waited = (exitCode?: number, played = false) =>
  pod("cdn-0", {
    app: "cdn-mock",
    played,
    status: {
      initContainerStatuses: [
        {
          name: "wait-for-serving",
          ...(!played && { containerID: "containerd://w" }),
          state: exitCode === undefined ? { running: {} } : { terminated: { exitCode } },
        } as never,
      ],
    },
  });

describe("verify, of health:", () => {
  it("a ready pod is asked what its probe asks, with its headers, at its port", async () => {
    const asked: PodRequest[] = [];
    const answer = async (_: unknown, request: PodRequest) => asked.push(request) && 200;
    assert.deepEqual(await saidBy(health, { live: [cdn, waited(0)], answer }), ["passed: /health of pod cdn-0 answers 200"]);
    assert.deepEqual(asked, [{ port: 8080, path: "/health", headers: { Host: "localhost" } }]);
  });

  it("an error is red, and so is no answer, and no pod to be asked", async () => {
    const red = await redOf(health, { live: [cdn, waited(0)], answer: async () => 503 });
    assert.equal(red.found, "/health of pod cdn-0 answers 503");
    assert.equal(red.next, "kubectl logs -n ns deployment/cdn-mock --all-containers --tail=50");
    const answer = () => Promise.reject(new Error("connection refused"));
    assert.equal(
      (await redOf(health, { live: [cdn, waited(0)], answer })).found,
      "/health of pod cdn-0 does not answer: connection refused",
    );
    assert.equal((await redOf(health, { live: [cdn] })).found, "no pod is ready to be asked");
  });

  it("nobody is asked where no container runs, nor what has no HTTP probe", async () => {
    assert.match((await saidBy(health, { live: [cdn, waited(0, true)] })).join(), /^skipped: no container runs/);
    assert.deepEqual(await saidBy(health, { live: [deployment()] }), []);
  });
});

describe("verify, of Plinko's data files:", () => {
  it("they were whole when the pods started, and the CDN serves them", async () => {
    const paths: string[] = [];
    const answer = async (_: unknown, { path }: PodRequest) => paths.push(path) && 200;
    assert.match((await saidBy(dataFiles, { live: [cdn, waited(0)], answer })).join(), /^passed/);
    assert.deepEqual(paths, ["/hint.bin", "/address-mapping.bin", "/deltas/"]);
  });

  it("one that is missing at the CDN is red", async () => {
    const answer = async (_: unknown, { path }: PodRequest) => (path === "/hint.bin" ? 404 : 200);
    assert.equal((await redOf(dataFiles, { live: [cdn, waited(0)], answer })).found, "/hint.bin of pod cdn-0 answers 404");
  });

  it("a CDN that could not be asked is red", async () => {
    const deaf = deployment("cdn-mock", { containers: [{ name: "cdn-mock" }], initContainers: [{ name: "wait-for-serving" }] });
    assert.equal((await redOf(dataFiles, { live: [deaf, waited(0)] })).found, "pod cdn-0 has no HTTP readiness probe to be asked by");
  });

  it("a pod that waits for them is red, and so is none that has looked", async () => {
    assert.equal((await redOf(dataFiles, { live: [cdn, waited()] })).found, "pod cdn-0 waits for them yet");
    assert.equal((await redOf(dataFiles, { live: [cdn, waited(1)] })).found, "pod cdn-0 waits for them yet");
    assert.equal((await redOf(dataFiles, { live: [cdn] })).found, "no pod has looked for them");
  });

  it("where no container runs the wait alone says it, and what waits for none is asked nothing", async () => {
    assert.deepEqual(await saidBy(dataFiles, { live: [cdn, waited(0, true)] }), ["passed: were whole when its pods started"]);
    assert.deepEqual(await saidBy(dataFiles, { live: [deployment()] }), []);
  });
});
