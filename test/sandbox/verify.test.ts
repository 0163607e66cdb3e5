import type { V1Job } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";
import { kubectlOn, lineOf, reddened, verified, type Break } from "../support/verified";

const SANDBOX = `verify-${process.pid}`;
const ON = ["--sandbox", SANDBOX];

/** What no cluster without containers can be asked. */
const PLAYED = ["health", "load-known", "reachable"];

describe("stackyard verify, of stack dev", function () {
  this.timeout("15m"); // the first run builds the programs
  let env: Record<string, string>;
  const kubectl = (...args: string[]) => kubectlOn(env)(...args);
  const patch = (namespace: string, object: string, change: object, ...more: string[]) =>
    kubectl("patch", "-n", namespace, object, "--type=merge", "--patch", JSON.stringify(change), ...more);
  const names = async (...args: string[]) => (await kubectl("get", ...args, "--output=name")).split("\n");
  const first = async (...args: string[]) => (await names(...args))[0]!.split("/")[1]!;

  after(() => stackyard(["sandbox", "reset", ...ON]));

  it("of a stack that was never brought up says what to type", async () => {
    const run = await stackyard(["verify", "dev", ...ON]);
    assert.equal(run.exitCode, 1);
    assert.match(printed(run), new RegExp(`has nothing deployed to look at[^]*npx stackyard up dev --sandbox ${SANDBOX}`));
  });

  it("is green once it is up, but for what no cluster without containers can be asked", async () => {
    const up = await stackyard(["up", "dev", ...ON]);
    assert.equal(up.exitCode, 0, printed(up));
    env = await environmentOf(SANDBOX);
    const { exitCode, said } = await verified("dev", ON, "--wait", "60");
    assert.deepEqual(
      said.filter(({ status }) => status === "failed"),
      [],
    );
    assert.equal(exitCode, 0);
    assert.deepEqual([...new Set(said.filter(({ status }) => status === "skipped").map(({ check }) => check))].sort(), PLAYED);
  });

  it("ticks each of Plinko's points, and writes JUnit's XML beside what it prints", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    const { said } = await verified("dev", ON, "--junit", join(folder, "junit.xml"));
    const ticked = new Set(said.filter(({ status }) => status === "passed").flatMap(({ source }) => source));
    const points = Array.from({ length: 14 }, (_, index) => `plinko-${index + 1}`); // the fifteenth asks from outside
    assert.deepEqual(
      points.filter((point) => !ticked.has(point)),
      [],
    );
    const junit = readFileSync(join(folder, "junit.xml"), "utf8");
    rmSync(folder, { recursive: true });
    assert.match(junit, new RegExp(`<testsuites name="stackyard verify dev" tests="${said.length}" failures="0"`));
  });

  it("is red by the right line for each way of breaking the cluster", async () => {
    const fault = (kind: string) => ({ spec: { template: { metadata: { annotations: { "stackyard.dev/sandbox-fault": kind } } } } });
    const generator = await first("jobs", "-n", "plinko-dev", "-l", "app.kubernetes.io/component=db-generator");
    const secret = await first("secrets", "-n", "fluxiondb-alice", "-l", "app.kubernetes.io/part-of=stackyard");
    const other = await first("secrets", "-n", "starter-dev", "-l", "app.kubernetes.io/name=postgres");
    const cdnPod = await first("pods", "-n", "plinko-dev", "-l", "app.kubernetes.io/component=cdn-mock");
    const { said } = await verified("dev", ON);
    const bobs = said.filter(({ check, namespace, kind }) => check === "exists" && kind !== "Namespace" && namespace === "fluxiondb-bob");
    assert.ok(bobs.length >= 5, `${bobs.length} objects`);
    const waiting = {
      initContainerStatuses: [
        { name: "wait-for-serving", image: "busybox", imageID: "", ready: false, restartCount: 0, state: { running: {} } },
      ],
    };
    const starved = {
      name: "redis",
      image: "redis",
      imageID: "",
      ready: true,
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
    };

    const breaks: Break[] = [
      {
        way: "pods that crash",
        run: () => patch("plinko-dev", "deployment/plinko-eth-mock", fault("crash")),
        line: ["pods-ready Deployment plinko-dev/plinko-eth-mock", /CrashLoopBackOff.*→ kubectl logs -n plinko-dev \S+ -c \S+ --previous$/],
        along: ["services-served Service plinko-dev/plinko-eth-mock"], // its old pod goes before the new one comes
      },
      {
        way: "pods that hang",
        run: () => patch("plinko-dev", "deployment/plinko-update-service", fault("hang")),
        line: ["pods-ready Deployment plinko-dev/plinko-update-service", /is Running and not ready → kubectl describe -n plinko-dev pod\//],
        along: [
          "services-served Service plinko-dev/plinko-update-service",
          "data-files Deployment plinko-dev/plinko-update-service",
          "health Deployment plinko-dev/plinko-update-service",
        ],
      },
      {
        way: "an image that cannot be pulled",
        run: () => patch("plinko-dev", "deployment/plinko-pir-server", fault("fail")),
        line: ["pods-ready Deployment plinko-dev/plinko-pir-server", /ImagePullBackOff/],
      },
      {
        way: "pods that no node takes",
        run: () =>
          patch("plinko-dev", "deployment/plinko-rabby-wallet", { spec: { template: { spec: { nodeSelector: { gpu: "yes" } } } } }),
        line: ["pods-ready Deployment plinko-dev/plinko-rabby-wallet", /has no node: 0\/6 nodes are available/],
      },
      {
        way: "a workload that is scaled to nothing",
        run: () => kubectl("scale", "-n", "starter-dev", "deployment/starter-api", "--replicas=0"),
        line: ["pods-ready Deployment starter-dev/starter-api", /is to have 0 pods, and was deployed with at least 1/],
        along: ["services-served Service starter-dev/starter-api"],
      },
      {
        way: "a Service whose selector is another",
        run: () => patch("starter-dev", "service/starter-web", { spec: { selector: { app: "none" } } }),
        line: [
          "services-served Service starter-dev/starter-web",
          /no ready pod is behind it → kubectl describe -n starter-dev service\/starter-web/,
        ],
      },
      {
        way: "a Job that fails",
        run: async () => {
          const job = JSON.parse(await kubectl("get", "-n", "plinko-dev", `job/${generator}`, "--output=json")) as V1Job;
          const { template, backoffLimit } = job.spec!;
          const { labels } = job.metadata!;
          const own = (all: Record<string, string> = {}) =>
            Object.fromEntries(Object.entries(all).filter(([key]) => !/controller-uid|job-name/.test(key)));
          const metadata = { ...template.metadata, ...fault("fail").spec.template.metadata, labels: own(template.metadata?.labels) };
          const again = {
            ...job,
            status: undefined,
            metadata: { name: generator, namespace: "plinko-dev", labels: own(labels) },
            spec: { backoffLimit, template: { ...template, metadata } },
          };
          await execa("kubectl", ["replace", "--force", "--filename=-"], { env, input: JSON.stringify(again) });
        },
        line: [`job-complete Job plinko-dev/${generator}`, /(is not complete|has failed).*→ kubectl logs -n plinko-dev job\//],
      },
      {
        way: "data that a pod still waits for",
        run: () => patch("plinko-dev", `pod/${cdnPod}`, { status: waiting }, "--subresource=status"),
        line: ["data-files Deployment plinko-dev/plinko-cdn-mock", /waits for them yet/],
      },
      {
        way: "a claim whose volume is lost",
        run: async () => {
          const volume = await kubectl("get", "-n", "dotdo-dev", "pvc/dotdo-minio", "--output=jsonpath={.spec.volumeName}");
          await kubectl("delete", "pv", volume, "--wait=false");
          await kubectl("patch", "pv", volume, "--type=merge", "--patch", '{"metadata":{"finalizers":null}}');
        },
        line: [
          "claim-bound PersistentVolumeClaim dotdo-dev/dotdo-minio",
          /is Lost → kubectl describe -n dotdo-dev persistentvolumeclaim\/dotdo-minio/,
        ],
      },
      {
        way: "a claim that is deleted while it is used",
        run: () => kubectl("delete", "-n", "starter-dev", "pvc/starter-redis", "--wait=false"),
        line: ["exists PersistentVolumeClaim starter-dev/starter-redis", /is being deleted/],
      },
      {
        way: "a Secret that is deleted",
        run: () => kubectl("delete", "-n", "fluxiondb-alice", `secret/${secret}`),
        line: [
          "secrets-present StatefulSet fluxiondb-alice/fluxiondb",
          /lacks Secret fluxiondb-alice-secret-\w+ → kubectl get secrets,externalsecrets/,
        ],
        along: [`exists Secret fluxiondb-alice/${secret}`],
      },
      {
        way: "a Secret without its keys",
        run: () => patch("starter-dev", `secret/${other}`, { data: null }),
        line: ["secrets-present StatefulSet starter-dev/starter-postgres", /lacks (key|anything).*Secret/],
      },
      {
        way: "an Ingress that loses its address",
        run: () => patch("starter-dev", "ingress/starter", { status: { loadBalancer: { ingress: [{}] } } }, "--subresource=status"),
        line: ["address-given Ingress starter-dev/starter", /has no address yet/],
      },
      {
        way: "an autoscaler of what is not there",
        run: () => patch("dotdo-dev", "hpa/dotdo", { spec: { scaleTargetRef: { name: "none" } } }),
        line: ["autoscaler HorizontalPodAutoscaler dotdo-dev/dotdo", /AbleToScale is False: FailedGetScale/],
      },
      {
        way: "a container that was killed for want of memory",
        run: () => patch("starter-dev", "pod/starter-redis-0", { status: { containerStatuses: [starved] } }, "--subresource=status"),
        line: ["enough-memory StatefulSet starter-dev/starter-redis", /OOMKilled → kubectl top pods -n starter-dev --containers/],
      },
      {
        way: "a network policy that is deleted",
        run: () => kubectl("delete", "-n", "plinko-dev", "networkpolicy/plinko-eth-mock"),
        line: ["exists NetworkPolicy plinko-dev/plinko-eth-mock", /is not there/],
      },
      {
        way: "a namespace that is deleted",
        run: () => kubectl("delete", "namespace", "fluxiondb-bob"),
        line: ["exists Namespace fluxiondb-bob", /is not there → kubectl describe namespace\/fluxiondb-bob/],
        along: bobs.map(lineOf),
      },
    ];
    await Promise.all(breaks.map(({ run }) => run()));
    await reddened(breaks, "dev", ON, until);
  });
});
