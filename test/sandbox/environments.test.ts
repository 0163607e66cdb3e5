import type {
  CoreV1Event,
  V1Deployment,
  V1Namespace,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ResourceQuota,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { StackOutputs } from "../../outputs";
import { breaksOfProd, breakStore } from "../support/broken-edge";
import { Consumer } from "../support/consumer";
import { playControllers } from "../support/played";
import { shippedStacks } from "../support/shipped";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";
import { reddened, redOf, verified } from "../support/verified";

/** Stacks that share a cluster, in the order in which one stands on another. */
const CLUSTERS = [
  ["prod-platform", "prod", "fly", "dev"],
  ["vultr-platform", "vultr"],
];

/** Namespaces of parts that work on the nodes themselves. */
const PRIVILEGED = ["linkerd-cni", "node-exporter", "velero"];
const OURS = ["--all-namespaces", "--selector=app.kubernetes.io/part-of=stackyard"];

const configOf = (stack: string) => (parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> }).config;

interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}
const namesOf = (objects: readonly Named[]) => objects.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`).sort();

describe("the environments", () => {
  it("are all brought up here", () => {
    assert.deepEqual(CLUSTERS.flat().sort(), shippedStacks().sort());
  });
});

for (const [index, stacks] of CLUSTERS.entries()) {
  describe(`on one cluster, ${stacks.join(", ")}`, function () {
    this.timeout("15m"); // cold, the programs are built first
    const SANDBOX = `environments-${index}-${process.pid}`;
    const on = ["--sandbox", SANDBOX];
    let env: Record<string, string>;
    const outputs = new Map<string, StackOutputs>();

    const objects = async <T extends Named>(...args: string[]): Promise<T[]> => {
      const { stdout } = await execa("kubectl", ["get", ...args, "--output=json"], { env });
      return (JSON.parse(stdout) as { items: T[] }).items;
    };
    const none = async (find: () => Promise<readonly Named[]>) => {
      let left: readonly Named[] = [];
      await until("there is none", async () => (left = await find()).length === 0).catch(() => assert.deepEqual(namesOf(left), []));
    };

    after(() => stackyard(["sandbox", "reset", ...on]));

    for (const stack of stacks) {
      const platform = configOf(stack)["stackyard:platformStack"] as string | undefined;
      if (platform === undefined) continue;
      it(`${stack} is refused without its platform, by name, and nothing is changed`, async () => {
        const run = await stackyard(["up", stack, ...on]);
        assert.notEqual(run.exitCode, 0, printed(run));
        assert.match(printed(run), new RegExp(`stack "organization/stackyard/${platform}" cannot be read: unknown stack`));
        assert.match(printed(run), new RegExp(`\\$ pulumi up --stack ${platform}`));
        env = await environmentOf(SANDBOX, stack);
        assert.deepEqual(await objects("namespaces", ...OURS.slice(1)), []);
      });
    }

    for (const stack of stacks) {
      it(`${stack} comes up, and says what it exports`, async () => {
        const run = await stackyard(["up", stack, ...on]);
        assert.equal(run.exitCode, 0, printed(run));
        env = await environmentOf(SANDBOX, stack);
        outputs.set(stack, JSON.parse((await execa("pulumi", ["stack", "output", "--json"], { env })).stdout) as StackOutputs);
      });
    }

    it("change nothing the second time", async () => {
      for (const stack of stacks) {
        const run = await stackyard(["preview", stack, ...on, "--", "--expect-no-changes"]);
        assert.equal(run.exitCode, 0, `${stack}:\n${printed(run)}`);
      }
    });

    it("have all of their pods, ready, and every claim bound", async () => {
      type Workload = V1Deployment | V1StatefulSet;
      const lacks = ({ spec, status, metadata }: Workload) =>
        status?.observedGeneration !== metadata?.generation || (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1);
      await none(async () => (await objects<Workload>("deployments,statefulsets", "--all-namespaces")).filter(lacks));
      const isWaiting = ({ status }: V1Pod) => !["Running", "Succeeded"].includes(status?.phase ?? "");
      await none(async () => (await objects<V1Pod>("pods", "--all-namespaces")).filter(isWaiting));
      const claims = await objects<V1PersistentVolumeClaim>("persistentvolumeclaims", "--all-namespaces");
      assert.deepEqual(namesOf(claims.filter(({ status }) => status?.phase !== "Bound")), []);
    });

    it("are under pod security restricted, but for what works on the nodes themselves", async () => {
      const namespaces = await objects<V1Namespace>("namespaces", ...OURS.slice(1));
      const lax = namespaces.filter(({ metadata }) => metadata?.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted");
      assert.deepEqual(
        lax.map(({ metadata }) => metadata?.name).filter((name) => !PRIVILEGED.includes(name ?? "")),
        [],
      );
      for (const { metadata } of namespaces.filter((namespace) => !lax.includes(namespace))) {
        const label = ["label", "--dry-run=server", "--overwrite", "namespace", metadata?.name ?? ""];
        const level = ["pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/enforce-version=v1.33"];
        assert.equal((await execa("kubectl", [...label, ...level], { env })).stderr, "", metadata?.name); // no pod is warned of
      }
    });

    it("have a quota in each namespace of a system, which what runs there keeps to", async () => {
      const systems = [...outputs.values()].flatMap(({ dotdo, fluxiondb, plinko, starter }) =>
        [dotdo, plinko, starter, ...Object.values(fluxiondb?.tenants ?? {})].flatMap((system) => (system ? [system.namespace] : [])),
      );
      const quotas = await objects<V1ResourceQuota>("resourcequotas", "--all-namespaces");
      assert.deepEqual([...new Set(quotas.map(({ metadata }) => metadata?.namespace))].sort(), systems.sort());
      const refused = await objects<CoreV1Event>("events", "--all-namespaces", "--field-selector=reason=FailedCreate");
      assert.deepEqual(
        refused.map(({ message = "" }) => message).filter((message) => message.includes("exceeded quota")),
        [],
      );
    });

    if (stacks.includes("prod")) {
      it("let a program outside this repository read prod's outputs", async () => {
        const consumer = await Consumer.of(env, "organization/stackyard/prod");
        try {
          const { exitCode, all } = await consumer.pulumi("up", "--yes", "--skip-preview");
          assert.equal(exitCode, 0, all);
          const { stdout } = await consumer.pulumi("stack", "output", "--json");
          assert.deepEqual(JSON.parse(stdout), { DOTDO_URL: outputs.get("prod")?.dotdo?.url, DOTDO_NAMESPACE: "dotdo" });
        } finally {
          consumer.close();
        }
      });
    }

    it("print a DNS record for each host that they serve", () => {
      for (const [stack, { dns = [], dotdo, fluxiondb, plinko, starter }] of outputs) {
        const tenants = Object.values(fluxiondb?.tenants ?? {}).flatMap(({ outsideUrl }) => outsideUrl ?? []);
        const urls = [dotdo?.hosts, plinko?.hosts, starter?.hosts, starter?.apiHosts, tenants].flatMap((all) => all ?? []);
        const hosts = urls.map((url) => new URL(url).hostname).filter((host) => !host.endsWith("localhost"));
        assert.deepEqual(dns.map(({ name }) => name).sort(), hosts.sort(), stack);
        assert.ok(
          dns.every(({ type, value = "" }) => type === "A" && /^192\.0\.2\.\d+$/.test(value)),
          JSON.stringify(dns),
        );
      }
    });

    // last, for it breaks what it looks at
    if (stacks.includes("prod")) {
      describe("are looked at by verify, where certificates, synced secrets and routes are played:", () => {
        it("prod and its platform are green", async () => {
          await playControllers(env);
          for (const stack of ["prod-platform", "prod"]) {
            const { said } = await verified(stack, on, "--wait", "60");
            assert.deepEqual(
              said.filter(({ status }) => status === "failed"),
              [],
            );
          }
        });

        it("prod is red by the right line for each of them that is not well", async () => {
          const breaks = breaksOfProd(env);
          await Promise.all(breaks.map(({ run }) => run()));
          await reddened(breaks, "prod", on, until);
        });

        it("a store of the platform's that is not well is told of each external secret", async () => {
          await breakStore(env);
          const lines = [...(await redOf("prod", on)).keys()].filter((line) => line.startsWith("store-healthy"));
          assert.equal(lines.length, 4, lines.join());
        });
      });
    }
  });
}
