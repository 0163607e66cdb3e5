import { strict as assert } from "node:assert";
import { execa } from "execa";
import { stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `admission-${process.pid}`;
const NAMESPACE = "fluxiondb-alice";
const ENFORCE = "pod-security.kubernetes.io/enforce";
const MEANT = "stackyard.dev/pod-security";

describe("what the API server refuses, whoever asks", function () {
  this.timeout("10m"); // cold, the programs are built first
  let stack: TrialStack;

  const write = (alice: object) =>
    stack.write((config) => {
      for (const layer of ["dotdo", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
      config["stackyard:layers"] = ["platform", "fluxiondb"];
      config["stackyard:platform"] = { admission: {} };
      Object.assign(config["stackyard:fluxiondb"] ?? {}, {
        quota: { enabled: false },
        tenants: { alice: { generateKey: true, ...alice } },
      });
    });
  const up = async () => {
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
  };
  const kubectl = (...args: string[]) => execa("kubectl", args, { env: stack.env, reject: false });
  const patched = (object: string, patch: object, ...more: string[]) =>
    kubectl("--namespace", NAMESPACE, "patch", object, "--type", "strategic", "--patch", JSON.stringify(patch), ...more);
  const pods = (memory: object) => ({ spec: { template: { spec: { containers: [{ name: "fluxiondb", resources: memory }] } } } });
  const labelled = (label: string, namespace = NAMESPACE) => kubectl("label", "--overwrite", "namespace", namespace, label);
  const enforcing = (level: string, meant: string | null, ...more: string[]) => {
    const patch = { metadata: { labels: { [ENFORCE]: level }, annotations: { [MEANT]: meant } } };
    return kubectl("patch", "namespace", NAMESPACE, "--type=merge", "--patch", JSON.stringify(patch), ...more);
  };
  const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

  before(async () => {
    stack = await TrialStack.on(SANDBOX, "dev", { policies: false }); // the API server alone is asked; a tenant without quota is no stack for the pack
    write({ ram: "2Gi" });
    await up();
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const refused: [what: string, ask: () => Promise<{ exitCode?: number; stderr: string }>, said: RegExp][] = [
    [
      "a second pod by kubectl scale",
      () => kubectl("--namespace", NAMESPACE, "scale", "statefulset/fluxiondb", "--replicas=2"),
      /Scale fluxiondb of fluxiondb-alice has spec\.replicas 2, and runs as one pod.*: leave it at 1/,
    ],
    [
      "a second pod by a patch",
      () => patched("statefulset/fluxiondb", { spec: { replicas: 2 } }),
      /StatefulSet fluxiondb of fluxiondb-alice has spec\.replicas 2/,
    ],
    [
      "no pod of a tenant that is not marked suspended",
      () => patched("statefulset/fluxiondb", { spec: { replicas: 0 } }),
      /has spec\.replicas 0, and runs as one pod, or none where it is suspended/,
    ],
    [
      "an autoscaler",
      () => {
        const scaleTargetRef = { apiVersion: "apps/v1", kind: "StatefulSet", name: "fluxiondb" };
        const metadata = { name: "fluxiondb", namespace: NAMESPACE };
        const autoscaler = {
          apiVersion: "autoscaling/v2",
          kind: "HorizontalPodAutoscaler",
          metadata,
          spec: { scaleTargetRef, maxReplicas: 3 },
        };
        return execa("kubectl", ["create", "--filename=-"], { env: stack.env, reject: false, input: JSON.stringify(autoscaler) });
      },
      /HorizontalPodAutoscaler fluxiondb of fluxiondb-alice is not to be scaled out: give the tenant more RAM/,
    ],
    ["storage of 3 × RAM", () => patched("pvc/fluxiondb", claim("6Gi")), /requests 6Gi of storage, and has 2Gi of RAM: make it 2 × RAM/],
    [
      "less memory",
      () => patched("statefulset/fluxiondb", pods({ requests: { memory: "1Gi" }, limits: { memory: "1Gi" } })),
      /StatefulSet fluxiondb of fluxiondb-alice has less memory than it had/,
    ],
    [
      "a request that is not the limit",
      () => patched("statefulset/fluxiondb", pods({ requests: { memory: "1Gi" } })),
      /has a container whose memory request is not its limit/,
    ],
    [
      "a namespace of ours without pod security",
      () => labelled(`${ENFORCE}-`),
      /Namespace fluxiondb-alice is to enforce pod security "", and is meant to enforce "restricted": leave it/,
    ],
    [
      "one that enforces less",
      () => labelled(`${ENFORCE}=baseline`),
      /is to enforce pod security "baseline", and is meant to enforce "restricted"/,
    ],
    ["less than before by a subresource", () => enforcing("baseline", null, "--subresource=status"), /is meant to enforce "restricted"/],
    [
      "less than is meant",
      () => enforcing("privileged", "baseline"),
      /is to enforce pod security "privileged", and is meant to enforce "baseline"/,
    ],
    [
      "a namespace of ours that says so no more",
      () => labelled("app.kubernetes.io/part-of-"),
      /Namespace fluxiondb-alice is part of stackyard, and is not to be without the label that says so/,
    ],
  ];
  for (const [what, ask, said] of refused) {
    it(what, async () => {
      const { exitCode, stderr } = await ask();
      assert.notEqual(exitCode, 0);
      assert.match(stderr, said);
    });
  }

  it("but not what is none of its own", async () => {
    const label = await kubectl("--namespace", NAMESPACE, "label", "statefulset/fluxiondb", "seen=yes");
    assert.equal(label.exitCode, 0, label.stderr);
    const made = await kubectl("--namespace", "default", "create", "deployment", "other", "--image=example.com/other:1", "--replicas=2");
    assert.equal(made.exitCode, 0, made.stderr);
    const scaled = await kubectl("--namespace", "default", "scale", "deployment/other", "--replicas=3");
    assert.equal(scaled.exitCode, 0, scaled.stderr);
  });

  it("nor pod security that is meant to be looser, or that is none of ours", async () => {
    for (const [level, meant] of [
      ["baseline", "baseline"],
      ["restricted", null],
    ] as const) {
      const { exitCode, stderr } = await enforcing(level, meant);
      assert.equal(exitCode, 0, stderr);
    }
    assert.equal((await kubectl("create", "namespace", "other")).exitCode, 0);
    for (const change of [`${ENFORCE}=restricted`, `${ENFORCE}=baseline`, `${ENFORCE}-`]) {
      const { exitCode, stderr } = await labelled(change, "other");
      assert.equal(exitCode, 0, stderr);
    }
  });

  it("and not what the program does: it grows, is suspended, comes back, and stays as it is", async () => {
    for (const alice of [{ ram: "4Gi" }, { ram: "4Gi", suspended: true }, { ram: "4Gi", persistence: { size: "20Gi" } }]) {
      write(alice);
      await up();
    }
    const { exitCode, all } = await stack.pulumi("preview", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
  });

  it("but a claim that shrinks, by what was asked for: below what is bound Kubernetes itself lets none", async () => {
    // it waits for its volume to grow
    await kubectl("--namespace", NAMESPACE, "annotate", "pvc/fluxiondb", "volume.kubernetes.io/storage-provisioner-");
    const grown = await patched("pvc/fluxiondb", claim("30Gi"));
    assert.equal(grown.exitCode, 0, grown.stderr);
    const { exitCode, stderr } = await patched("pvc/fluxiondb", claim("24Gi"));
    assert.notEqual(exitCode, 0);
    assert.match(
      stderr,
      /PersistentVolumeClaim fluxiondb of fluxiondb-alice requests 24Gi of storage, which is less than the 30Gi that it had: leave it/,
    );
  });
});
