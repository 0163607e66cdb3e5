import type {
  V1Deployment,
  V1Ingress,
  V1Job,
  V1Namespace,
  V1PersistentVolumeClaim,
  V1Secret,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { StackOutputs } from "../../outputs";
import { printed, stackyard, until } from "../support/stackyard";
import { TrialStack, type Config, type Step } from "../support/trial-stack";

const SANDBOX = `dev-${process.pid}`;
const OURS = ["--all-namespaces", "--selector=app.kubernetes.io/part-of=stackyard"];
const NAMESPACES = ["dotdo-dev", "fluxiondb-alice", "fluxiondb-bob", "plinko-dev", "starter-dev"];

interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}
const nameOf = ({ metadata }: Named) => `${metadata?.namespace}/${metadata?.name}`;
const namesOf = (objects: readonly Named[]) => objects.map(nameOf).sort();

/** Waits until there is none of what is looked for, and names what is left when there is still some after a minute. */
async function none(find: () => Promise<readonly Named[]>): Promise<void> {
  let left: readonly Named[] = [];
  await until("there is none", async () => (left = await find()).length === 0).catch(() => assert.deepEqual(namesOf(left), []));
}

/** What rules that are advisory here say of `dev`: plinko is served on every host, and some pods are alone. */
const ADVICE = ["disruption-budget", "enough-replicas", "hosts-named", "ingress-tls"];

describe("stack dev, all four systems together", function () {
  this.timeout("15m"); // the first run builds the programs
  let stack: TrialStack;
  let up: Awaited<ReturnType<typeof stackyard>>;

  before(async () => {
    up = await stackyard(["up", "dev", "--sandbox", SANDBOX]);
    assert.equal(up.exitCode, 0, printed(up));
    stack = await TrialStack.on(SANDBOX);
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  describe("is up:", () => {
    it("every Deployment and StatefulSet has all of its pods, of the wanted version and ready", async () => {
      const workloads = () => stack.objects<V1Deployment | V1StatefulSet>("deployments,statefulsets", ...OURS);
      assert.deepEqual([...new Set((await workloads()).map(({ metadata }) => metadata?.namespace))].sort(), NAMESPACES);
      const lacks = ({ spec, status, metadata }: V1Deployment | V1StatefulSet) => {
        const counts = [status?.readyReplicas, status?.availableReplicas, status?.updatedReplicas];
        return status?.observedGeneration !== metadata?.generation || counts.some((count = 0) => count < (spec?.replicas ?? 1));
      };
      await none(async () => (await workloads()).filter(lacks)); // an autoscaler may just have asked for a pod
    });

    it("every Job is complete", async () => {
      const jobs = await stack.objects<V1Job>("jobs", ...OURS);
      assert.equal(jobs.length, 3, namesOf(jobs).join()); // two generators and a migration
      assert.deepEqual(namesOf(jobs.filter(({ status }) => status?.succeeded !== 1 || status.failed)), []);
    });

    it("every claim is bound", async () => {
      const claims = await stack.objects<V1PersistentVolumeClaim>("persistentvolumeclaims", ...OURS);
      assert.deepEqual(namesOf(claims.filter(({ status }) => status?.phase !== "Bound")), []);
      assert.deepEqual([...new Set(claims.map(({ metadata }) => metadata?.namespace))].sort(), NAMESPACES);
    });

    it("every autoscaler has as many pods as its bounds allow", async () => {
      const autoscalers = () => stack.objects<V2HorizontalPodAutoscaler>("horizontalpodautoscalers", ...OURS);
      const isBeyond = ({ spec, status }: V2HorizontalPodAutoscaler) => {
        const { currentReplicas: pods = 0 } = status ?? {};
        return pods < (spec?.minReplicas ?? 1) || pods > (spec?.maxReplicas ?? 0);
      };
      await none(async () => (await autoscalers()).filter(isBeyond));
      assert.deepEqual(namesOf(await autoscalers()), [
        "dotdo-dev/dotdo",
        "plinko-dev/plinko-cdn-mock",
        "plinko-dev/plinko-pir-server",
        "plinko-dev/plinko-rabby-wallet",
        "starter-dev/starter-web",
      ]);
    });

    it("every Ingress has an address", async () => {
      const ingresses = await stack.objects<V1Ingress>("ingresses", ...OURS);
      assert.deepEqual(namesOf(ingresses), ["dotdo-dev/dotdo", "dotdo-dev/dotdo-by-id", "plinko-dev/plinko", "starter-dev/starter"]);
      assert.deepEqual(namesOf(ingresses.filter(({ status }) => !status?.loadBalancer?.ingress?.[0]?.ip)), []);
    });
  });

  describe("obeys the pod security standard restricted:", () => {
    it("every namespace enforces it", async () => {
      const namespaces = await stack.objects<V1Namespace>("namespaces", OURS[1] ?? "");
      const levels = namespaces.map(({ metadata }) => `${metadata?.name} ${metadata?.labels?.["pod-security.kubernetes.io/enforce"]}`);
      assert.deepEqual(
        levels.sort(),
        NAMESPACES.map((name) => `${name} restricted`),
      );
    });

    it("of no pod that runs does the API server warn", async () => {
      const warned = async (namespace: string) => {
        // it judges the pods that are there when the level changes, and to another version is a change, too
        const level = ["pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/enforce-version=v1.33"];
        const label = ["label", "--dry-run=server", "--overwrite", "namespace", namespace, ...level];
        return (await execa("kubectl", label, { env: stack.env })).stderr;
      };
      for (const namespace of NAMESPACES) assert.equal(await warned(namespace), "", namespace);
    });

    it("of no workload does the API server warn that makes pods", async () => {
      const kinds = "deployments,statefulsets,jobs";
      const input = await stack.kubectl("get", kinds, ...OURS, "--output=json");
      const { stderr, stdout } = await execa("kubectl", ["replace", "--dry-run=server", "--filename=-"], { env: stack.env, input });
      assert.equal(stderr, "");
      assert.ok(stdout.split("\n").length > 15, stdout);
    });
  });

  it("breaks no rule that is mandatory, and is given advice by few", () => {
    const said = up.stdout as string;
    assert.doesNotMatch(said, /\[mandatory\]|❌/);
    const advice = said.matchAll(/\[advisory\] .*\n.*\n\s*([a-z-]+): /g);
    assert.deepEqual([...new Set(Array.from(advice, ([, rule]) => rule))].sort(), ADVICE);
  });

  it("exports what its contract says, and no secret", async () => {
    const outputs = async (...args: string[]) => (await stack.pulumi("stack", "output", "--json", ...args)).stdout;
    const contracted = StackOutputs.parse(JSON.parse(await outputs()));
    assert.deepEqual(Object.keys(contracted).sort(), ["cluster", "dns", "dotdo", "fluxiondb", "kept", "plinko", "starter"]);
    assert.deepEqual(Object.keys(contracted.fluxiondb?.tenants ?? {}), ["alice", "bob"]);
    assert.match(contracted.plinko?.address ?? "", /^\d+\.\d+\.\d+\.\d+$/);

    const revealed = await outputs("--show-secrets");
    const values = (await stack.objects<V1Secret>("secrets", ...OURS)).flatMap(({ data }) => Object.values(data ?? {}));
    const secrets = values.map((value) => Buffer.from(value, "base64").toString());
    assert.ok(secrets.length >= 8, `${secrets.length} values of Secrets`);
    for (const secret of secrets) assert.ok(!revealed.includes(secret), "an output holds a value of a Secret");
  });

  describe("changes one workload for one image:", () => {
    const container = "spec.template.spec.containers[0].image";
    const first = "spec.template.spec.initContainers[0].image";
    const job = "metadata.name";

    /** Section and option of an image, in either form that images are written in, and all that is to change with it. */
    const images: [image: string, section: string, option: string, form: "tag" | "whole", changes: Record<string, string[]>][] = [
      ["dotdo", "dotdo", "image", "tag", { "dotdo-pods": [container] }],
      ["libSQL of dotdo", "dotdo", "backing.libsql.image", "whole", { "dotdo-libsql-pods": [container] }],
      [
        "MinIO of dotdo, with the step that makes its bucket",
        "dotdo",
        "backing.minio.image",
        "whole",
        { "dotdo-minio-pods": [container, first] },
      ],
      ["Redis of dotdo", "dotdo", "backing.redis.image", "whole", { "dotdo-redis-pods": [container] }],
      [
        "FluxionDB, which all tenants share",
        "fluxiondb",
        "image",
        "tag",
        { "fluxiondb-alice-database": [container], "fluxiondb-bob-database": [container] },
      ],
      ["anvil of Plinko", "plinko", "ethMock.image", "tag", { "plinko-eth-mock": [container] }],
      ["update service of Plinko", "plinko", "plinkoUpdateService.image", "tag", { "plinko-update-service": [container] }],
      ["PIR server of Plinko", "plinko", "plinkoPirServer.image", "tag", { "plinko-pir-server": [container] }],
      ["CDN of Plinko", "plinko", "cdnMock.image", "tag", { "plinko-cdn-mock": [container] }],
      [
        "wallet of Plinko, with the step that copies its files",
        "plinko",
        "rabbyWallet.image",
        "tag",
        { "plinko-rabby-wallet": [container, first] },
      ],
      [
        "API of the starter, with the migration of its release",
        "starter",
        "api.image",
        "whole",
        { "starter-api-pods": [container], "starter-migration": [job, container] },
      ],
      ["web of the starter", "starter", "web.image", "whole", { "starter-web-pods": [container] }],
      [
        "Postgres of the starter, with the step that prepares its folder",
        "starter",
        "backing.postgres.image",
        "whole",
        { "starter-postgres-pods": [container, first] },
      ],
      ["Redis of the starter", "starter", "backing.redis.image", "whole", { "starter-redis-pods": [container] }],
    ];
    /** A tag that no other image has. */
    const tagOf = (index: number) => `9.9.${index}-trial`;

    const set = (config: Config, [, section, option, form]: (typeof images)[number], index: number) => {
      const steps = option.split(".");
      const last = steps.pop() ?? "";
      const place = steps.reduce<Record<string, unknown>>(
        (at, step) => (at[step] ??= {}) as Record<string, unknown>,
        config[`stackyard:${section}`] ?? {},
      );
      place[last] = form === "tag" ? { tag: tagOf(index) } : `mirror.example.com/image:${tagOf(index)}`;
    };

    let found: Step[];
    before(async () => {
      // all in one preview, for it takes its time; what an image changes shows its own tag, so that one that moved another would be seen
      stack.write((config) => images.forEach((image, index) => set(config, image, index)));
      found = await stack.preview();
    });

    images.forEach(([image, , , , expected], index) => {
      it(image, () => {
        for (const [name, paths] of Object.entries(expected)) {
          const changes = Object.assign({}, ...found.filter((step) => step.name === name).map(({ changes }) => changes)) as Step["changes"];
          assert.deepEqual(Object.keys(changes).sort(), [...paths].sort(), name);
          for (const path of paths) assert.match(String(changes[path]), path === job ? /-migrate-9-9-/ : new RegExp(`:${tagOf(index)}$`));
        }
      });
    });

    it("and nothing else of the stack, which a preview finds as it was", () => {
      const expected = images.flatMap(([, , , , changes]) => Object.keys(changes)).sort();
      assert.deepEqual([...new Set(found.map(({ name }) => name))].sort(), expected);
    });
  });
});
