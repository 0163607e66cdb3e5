import type { V1Secret } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { blocksOf, blockWith, type } from "../support/runbook";
import { environmentOf, printed, stackyard } from "../support/stackyard";
import { kubectlOn } from "../support/verified";

const SANDBOX = `drift-${process.pid}`;
const blocks = blocksOf("../operations", "Drift");
const LOOK = blockWith(blocks, "pulumi preview");
const MEND = blockWith(blocks, "pulumi up");

/** A change by hand: what is typed, and what the drift command then says of which resource. */
interface ByHand {
  readonly way: string;
  readonly kubectl: readonly string[];
  readonly resource: string;
  readonly says: RegExp;
}

/** What the drift command would do to resources, by their names: the operation, and the lines about it. */
const foundIn = (said: string): Map<string, string> => {
  const [, second = ""] = said.split(/^ *pulumi:pulumi:Stack: \(same\)$/m);
  const parts = second.split(/^ *(?=(?:~|\+|-|\+-) ?kubernetes:\S+: \()/m).slice(1);
  return new Map(parts.map((part) => [/^ *\[urn=\S+::(\S+)\]$/m.exec(part)?.[1] ?? part, part]));
};

describe("the drift command of the page of operations, on stack dev", function () {
  this.timeout("15m"); // the first run builds the programs
  let env: Record<string, string>;
  const kubectl = (...args: string[]) => kubectlOn(env)(...args);
  const first = async (kind: string, namespace: string, start: string) =>
    (await kubectl("get", kind, "-n", namespace, "--output=name")).split("\n").find((name) => name.includes(`/${start}`)) ??
    assert.fail(start);
  const look = () => execa("bash", ["-c", LOOK], { env, all: true, reject: false, stdin: "ignore" });
  const secrets = async () => (JSON.parse(await kubectl("get", "secrets", "-A", "--output=json")) as { items: V1Secret[] }).items;

  /** How often the API server was asked to write what the stack has, and did. */
  const writes = async (): Promise<number> => {
    const kinds =
      "deployments statefulsets services serviceaccounts secrets configmaps networkpolicies ingresses resourcequotas horizontalpodautoscalers poddisruptionbudgets";
    const lines = (await kubectl("get", "--raw", "/metrics")).split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
    const isWrite = (line: string) =>
      /verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(line) && /dry_run=""/.test(line) && /subresource=""/.test(line);
    const isOfKind = (line: string) => kinds.split(" ").includes(/,resource="(\w*)"/.exec(line)?.[1] ?? "");
    return lines.filter((line) => isWrite(line) && isOfKind(line)).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };

  before(async () => {
    const up = await stackyard(["up", "dev", "--sandbox", SANDBOX]);
    assert.equal(up.exitCode, 0, printed(up));
    // a workload that its autoscaler brings to its least replicas just then is not ready, and named
    const verified = await stackyard(["verify", "dev", "--sandbox", SANDBOX, "--wait", "120"]);
    assert.equal(verified.exitCode, 0, printed(verified));
    env = Object.fromEntries(Object.entries(await environmentOf(SANDBOX)).filter(([name]) => name !== "PULUMI_OPTION_POLICY_PACK"));
  });
  after(() => stackyard(["sandbox", "reset", "--sandbox", SANDBOX]));

  it("is what cron runs", () => {
    const [, cron = ""] = /^```crontab\n([^]*?)^```$/m.exec(readFileSync("docs/operations.md", "utf8")) ?? [];
    assert.ok(cron.includes(`found=$(${LOOK.replace(/\s*\\\n\s*/g, " ").trim()} 2>&1)`), cron);
  });

  it("finds nothing after an up, nor in what the cluster does by itself: pods that an autoscaler adds, and a restart", async () => {
    await kubectl("scale", "-n", "dotdo-dev", "deployment/dotdo", "--replicas=3"); // as its autoscaler, which knows no load here, would
    await kubectl("rollout", "restart", "-n", "plinko-dev", "deployment/plinko-eth-mock");
    await kubectl("rollout", "status", "-n", "dotdo-dev", "deployment/dotdo");
    await kubectl("rollout", "status", "-n", "plinko-dev", "deployment/plinko-eth-mock");
    const { exitCode, all } = await look();
    assert.equal(exitCode, 0, all);
    assert.deepEqual([...foundIn(all).keys()], []);
  });

  it("finds each kind of change by hand and nothing else, writes nothing, and shows no secret", async () => {
    const patch = (namespace: string, object: string, change: object) =>
      ["patch", "-n", namespace, object, "--type=merge", "--patch", JSON.stringify(change)] as const;
    const replace = (namespace: string, object: string, path: string, value: unknown) =>
      ["patch", "-n", namespace, object, "--type=json", "--patch", JSON.stringify([{ op: "replace", path, value }])] as const;
    const config = await first("configmaps", "dotdo-dev", "dotdo-config");
    const secret = await first("secrets", "fluxiondb-alice", "fluxiondb");
    const before = await secrets();
    const changes: ByHand[] = [
      {
        way: "replicas",
        kubectl: ["scale", "-n", "starter-dev", "deployment/starter-api", "--replicas=3"],
        resource: "starter-api-pods",
        says: /replicas: 3 => 1/,
      },
      {
        way: "an image",
        kubectl: ["set", "image", "-n", "plinko-dev", "deployment/plinko-eth-mock", "*=example.com/other:1"],
        resource: "plinko-eth-mock",
        says: /image: "example\.com\/other:1" => /,
      },
      {
        way: "a variable",
        kubectl: ["set", "env", "-n", "plinko-dev", "deployment/plinko-update-service", "DB_SIZE=1"],
        resource: "plinko-update-service",
        says: /value: "1" => "8388608"/,
      },
      {
        way: "a limit",
        kubectl: ["set", "resources", "-n", "plinko-dev", "deployment/plinko-cdn-mock", "--limits=memory=3Gi"],
        resource: "plinko-cdn-mock",
        says: /memory: "3Gi" => "256Mi"/,
      },
      {
        way: "data of a ConfigMap",
        kubectl: patch("dotdo-dev", config, { data: { LOG_LEVEL: "error" } }),
        resource: "dotdo-config",
        says: /\(replace\)[^]*LOG_LEVEL: "error" => "debug"/,
      },
      {
        way: "data of a Secret",
        kubectl: patch("fluxiondb-alice", secret, { stringData: { "secret-key": "changed-by-hand-at-night" } }),
        resource: "fluxiondb-alice-secret",
        says: /\(replace\)[^]*stringData: \[secret\]/,
      },
      {
        way: "where a Service leads to",
        kubectl: replace("starter-dev", "service/starter-web", "/spec/ports/0/targetPort", "other"),
        resource: "starter-web-service",
        says: /targetPort: "other" => "http"/,
      },
      {
        way: "an object that is deleted",
        kubectl: ["delete", "-n", "plinko-dev", "pdb/plinko-rabby-wallet"],
        resource: "plinko-rabby-wallet-budget",
        says: /\(create\)/,
      },
      {
        way: "a label that is removed",
        kubectl: ["label", "-n", "starter-dev", "serviceaccount/starter", "app.kubernetes.io/part-of-"],
        resource: "starter-account",
        says: /\+ app\.kubernetes\.io\/part-of: "stackyard"/,
      },
      {
        way: "a network policy",
        kubectl: patch("dotdo-dev", "networkpolicy/dotdo-redis", { spec: { ingress: [{}] } }),
        resource: "dotdo-redis-network-policy",
        says: /\+ from/,
      },
      {
        way: "an autoscaler's bound",
        kubectl: patch("plinko-dev", "hpa/plinko-pir-server", { spec: { maxReplicas: 40 } }),
        resource: "plinko-pir-server-autoscaler",
        says: /maxReplicas: 40 => 20/,
      },
      {
        way: "a host",
        kubectl: replace("starter-dev", "ingress/starter", "/spec/rules/0/host", "other.localhost"),
        resource: "starter-ingress",
        says: /host: "other\.localhost" => "app\.localhost"/,
      },
      {
        way: "a quota",
        kubectl: patch("dotdo-dev", "resourcequota/dotdo", { spec: { hard: { pods: "999" } } }),
        resource: "dotdo-quota",
        says: /pods: "999" => "140"/,
      },
    ];
    await Promise.all(changes.map((change) => kubectl(...change.kubectl)));
    for (const name of ["plinko-eth-mock", "plinko-update-service", "plinko-cdn-mock"]) {
      await kubectl("rollout", "status", "-n", "plinko-dev", `deployment/${name}`);
    }
    await kubectl("rollout", "status", "-n", "starter-dev", "deployment/starter-api");

    const written = await writes();
    assert.ok(written >= changes.length);
    const { exitCode, all } = await look();
    assert.equal(await writes(), written, "it wrote");
    assert.notEqual(exitCode, 0, all);
    const found = foundIn(all);
    for (const { way, resource, says } of changes) assert.match(found.get(resource) ?? "", says, way);
    const along = ["dotdo-pods", "fluxiondb-alice-database"]; // which read what gets another name
    assert.deepEqual([...found.keys()].sort(), [...changes.map(({ resource }) => resource), ...along].sort());

    const values = [...before, ...(await secrets())].flatMap(({ data = {} }) => Object.values(data));
    const texts = values.flatMap((value) => [value, Buffer.from(value, "base64").toString()]).filter((text) => text.length > 8);
    assert.ok(texts.length > 10, `${texts.length} values`);
    assert.deepEqual(
      texts.filter((text) => all.includes(text)),
      [],
    );
  });

  it("finds nothing any more once they are put back as the page says", async () => {
    await type(MEND, { ...env, PULUMI_SKIP_CONFIRMATIONS: "true" });
    const { exitCode, all } = await look();
    assert.equal(exitCode, 0, all);
  });
});
