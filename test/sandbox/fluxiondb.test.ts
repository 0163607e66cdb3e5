import type { V1Namespace, V1PersistentVolumeClaim, V1Pod, V1Secret, V1StatefulSet } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { stackyard, until } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";

const SANDBOX = `fluxiondb-${process.pid}`;
const KEY = "stackyard:secrets.alice-key";

type Tenants = Record<string, Record<string, unknown>>;
interface Wish {
  readonly tenants: Tenants;
  readonly podAnnotations?: Record<string, string>;
}

/** Names and uids of what holds a tenant's data: these stay, whatever happens to the tenant. */
interface Data {
  readonly namespace?: string;
  readonly claim?: string;
  readonly volume?: string;
}

describe("FluxionDB's tenants", function () {
  this.timeout("15m"); // the first run builds the programs
  let stack: TrialStack;
  let secrets: Record<string, unknown>;

  before(async () => {
    stack = await TrialStack.on(SANDBOX);
    secrets = await encrypted("key-1");
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  /** Without the policy pack, whose judgement is not asked for here, and takes as long again. Never rejects. */
  const pulumi = (...args: string[]) =>
    execa("pulumi", [...args, "--non-interactive", "--color=never"], {
      env: { ...stack.env, PULUMI_OPTION_POLICY_PACK: undefined },
      reject: false,
      all: true,
    });

  /** Section stackyard:secrets with this key of alice's, encrypted. */
  async function encrypted(key: string): Promise<Record<string, unknown>> {
    const { exitCode, all } = await pulumi("config", "set", "--secret", "--path", KEY, key);
    assert.equal(exitCode, 0, all);
    const { config } = parse(readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as {
      config: Record<string, Record<string, unknown>>;
    };
    return config["stackyard:secrets"] ?? {};
  }

  const wish = ({ tenants, podAnnotations = {} }: Wish) =>
    stack.write((config) => {
      const { image } = config["stackyard:fluxiondb"] ?? {};
      for (const name of ["dotdo", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${name}`);
      config["stackyard:layers"] = ["fluxiondb"];
      config["stackyard:secrets"] = secrets;
      config["stackyard:fluxiondb"] = { image, podAnnotations, tenants };
    });
  const alice = (ram: string, rest: object = {}): Tenants => ({ alice: { ram, secrets: { apiKey: "alice-key" }, ...rest } });
  const bob = (ram: string): Tenants => ({ bob: { ram, generateKey: true } });

  /** Runs Pulumi, which must end well, and returns what it says. */
  async function succeed(...args: string[]): Promise<string> {
    const { exitCode, all } = await pulumi(...args);
    assert.equal(exitCode, 0, all);
    return all;
  }
  const up = (wanted: Wish) => {
    wish(wanted);
    return succeed("up", "--yes", "--skip-preview");
  };
  const unchanged = () => succeed("preview", "--expect-no-changes");

  const at = (user: string) => ["--namespace", `fluxiondb-${user}`];
  const claimOf = async (user: string) => (await stack.objects<V1PersistentVolumeClaim>("pvc", ...at(user)))[0];
  const databaseOf = async (user: string) => (await stack.objects<V1StatefulSet>("statefulset", ...at(user)))[0];
  const podOf = async (user: string) => (await stack.objects<V1Pod>("pod", ...at(user)))[0];
  const containerOf = async (user: string) => (await podOf(user))?.spec?.containers[0];
  async function dataOf(user: string): Promise<Data> {
    const [namespace] = await stack.objects<V1Namespace>("namespace", `--field-selector=metadata.name=fluxiondb-${user}`);
    const claim = await claimOf(user);
    return { namespace: namespace?.metadata?.uid, claim: claim?.metadata?.uid, volume: claim?.spec?.volumeName };
  }

  /** Everything of ours in the cluster, and everything in the state, each as it is now. */
  async function everything(): Promise<string[]> {
    const ours = await stack.objects<V1Pod>(
      "namespaces,pvc,quota,statefulsets,pods,services,secrets,networkpolicies",
      "--all-namespaces",
      "--selector=app.kubernetes.io/name=fluxiondb",
    );
    const { deployment } = JSON.parse(await succeed("stack", "export")) as {
      deployment: { resources?: { urn: string; modified?: string }[] };
    };
    const objects = (deployment.resources ?? []).filter(({ urn }) => urn.includes("kubernetes:") && !urn.includes("pulumi:providers:"));
    return [
      ...ours.map(({ kind, metadata }) => `${kind} ${metadata?.namespace}/${metadata?.name} ${metadata?.resourceVersion}`),
      ...objects.map(({ urn, modified }) => `${urn} ${modified}`),
    ];
  }

  /** What each way of running Pulumi says when it refuses the config, after it was seen to change nothing. */
  async function refusals(wanted: Wish): Promise<string[]> {
    wish(wanted);
    const before = await everything();
    const said: string[] = [];
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { exitCode, all } = await pulumi(...args);
      assert.notEqual(exitCode, 0, all);
      assert.ok(!/\n\s+at /.test(all), all);
      said.push(all);
    }
    assert.deepEqual(await everything(), before, "the refused run has changed something");
    return said;
  }

  it("grow on the volume that they have, the claim before the memory", async () => {
    await up({ tenants: { ...alice("512Mi"), ...bob("512Mi") } });
    const [data, mount, other] = [await dataOf("alice"), (await containerOf("alice"))?.volumeMounts, await podOf("bob")];
    assert.ok(data.namespace && data.claim && data.volume);

    for (const [ram, storage] of [
      ["1Gi", "2Gi"],
      ["8Gi", "16Gi"],
    ] as const) {
      const said = await up({ tenants: { ...alice(ram), ...bob("512Mi") } });
      const order = [/fluxiondb-alice-claim updated/, /fluxiondb-alice-database updating/].map((line) => said.search(line));
      assert.ok(order.every((place) => place >= 0) && (order[0] ?? 0) < (order[1] ?? 0), said);

      assert.deepEqual(await dataOf("alice"), data);
      assert.equal((await claimOf("alice"))?.spec?.resources?.requests?.["storage"], storage);
      await until(`the volume has ${storage}`, async () => (await claimOf("alice"))?.status?.capacity?.["storage"] === storage);
      const container = await containerOf("alice");
      assert.deepEqual([container?.resources?.requests?.["memory"], container?.resources?.limits?.["memory"]], [ram, ram]);
      assert.deepEqual(container?.volumeMounts, mount);
    }
    assert.equal((await podOf("bob"))?.metadata?.uid, other?.metadata?.uid, "another tenant's pod was replaced");
  });

  it("are not shrunk: preview and up refuse it before any change, and name the command that mends it", async () => {
    let command = "";
    for (const said of await refusals({ tenants: { ...alice("1Gi"), ...bob("512Mi") } })) {
      assert.match(
        said,
        /stackyard:fluxiondb\.tenants\.alice\.ram\s+1Gi is less than the 8Gi that it has: .*Set it to 8Gi or more; .*copy the data/,
      );
      command = /\$ pulumi (config set .*)$/m.exec(said)?.[1] ?? assert.fail(said);
    }
    await succeed(...command.split(" ").map((word) => word.replaceAll("'", "")));
    await unchanged();
  });

  it("get a new pod for a new key, and keep the volume", async () => {
    const [claim, pod] = [await claimOf("alice"), await podOf("alice")];
    secrets = await encrypted("key-2");
    await up({ tenants: { ...alice("8Gi"), ...bob("512Mi") } });
    assert.notEqual((await podOf("alice"))?.metadata?.uid, pod?.metadata?.uid);
    const [secret, ...others] = await stack.objects<V1Secret>("secret", ...at("alice"));
    assert.deepEqual(others, [], "the old key is still there");
    assert.equal(Buffer.from(secret?.data?.["secret-key"] ?? "", "base64").toString(), "key-2");
    assert.equal((await containerOf("alice"))?.env?.[0]?.valueFrom?.secretKeyRef?.name, secret?.metadata?.name);
    assert.deepEqual((await claimOf("alice"))?.metadata, claim?.metadata);
  });

  it("get over an image that never starts", async () => {
    const data = await dataOf("alice");
    const tenants = { ...alice("8Gi"), ...bob("512Mi") };
    wish({ tenants, podAnnotations: { "stackyard.dev/sandbox-fault": "fail" } });
    const broken = pulumi("up", "--yes", "--skip-preview");
    const waiting = async () => (await podOf("alice"))?.status?.containerStatuses?.[0]?.state?.waiting?.reason;
    await until("the pod finds no image", async () => (await waiting()) === "ImagePullBackOff");
    broken.kill("SIGINT"); // as a user does who sees it
    assert.notEqual((await broken).exitCode, 0);

    await up({ tenants });
    assert.equal((await podOf("alice"))?.status?.phase, "Running");
    assert.deepEqual(await dataOf("alice"), data);
  });

  it("have a generated key that is read as the page says, and is in no output", async () => {
    const page = readFileSync("docs/systems/fluxiondb.md", "utf8");
    const [command = ""] = /kubectl .* get secret .*(?= \| base64)/.exec(page) ?? [];
    const [, ...args] = command.replace("<user>", "bob").replaceAll("'", "").split(" ");
    const key = Buffer.from(await stack.kubectl(...args), "base64").toString();
    assert.match(key, /^[A-Za-z0-9]{40}$/);
    assert.ok(!(await succeed("stack", "output", "--json")).includes(key), "an output has the key in clear");
  });

  it("have no pod while they are suspended, and all else; and one that is taken out leaves namespace and volume", async () => {
    const [data, other] = [await dataOf("alice"), await dataOf("bob")];
    await up({ tenants: alice("8Gi", { suspended: true }) });
    assert.deepEqual([await podOf("alice"), await podOf("bob"), await databaseOf("bob")], [undefined, undefined, undefined]);
    assert.deepEqual(await dataOf("alice"), data);
    assert.deepEqual(await dataOf("bob"), other);
    const named = await stack.objects<V1Namespace>("namespaces", "--selector=app.kubernetes.io/name=fluxiondb");
    assert.deepEqual(named.map(({ metadata }) => metadata?.name).sort(), ["fluxiondb-alice", "fluxiondb-bob"]);

    await up({ tenants: alice("8Gi") });
    assert.equal((await podOf("alice"))?.status?.phase, "Running");
    assert.deepEqual(await dataOf("alice"), data);
  });

  it("leave namespaces and volumes to a destroy, which ends well, and which the stack has named before", async () => {
    const data = await dataOf("alice");
    const { kept } = JSON.parse(await succeed("stack", "output", "--json")) as { kept: unknown };
    assert.deepEqual(kept, [
      { kind: "Namespace", name: "fluxiondb-alice" },
      { kind: "PersistentVolumeClaim", name: "fluxiondb", namespace: "fluxiondb-alice" },
    ]);
    await succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await dataOf("alice"), data);
    const left = await stack.objects("statefulset,pod,service,secret,quota,networkpolicy", ...at("alice"));
    assert.deepEqual(left, []);
  });

  it("take nothing over that does not carry our labels, nor less than was kept: all is said at once, before any change", async () => {
    await stack.kubectl("create", "namespace", "fluxiondb-carol");
    const wanted = { ...alice("1Gi"), carol: { ram: "512Mi", generateKey: true } };
    let label = "";
    for (const said of await refusals({ tenants: wanted })) {
      assert.match(said, /tenants\.alice\.ram\s+1Gi is less than the 8Gi that it has/);
      assert.match(
        said,
        /tenants\.carol\s+the cluster has Namespace fluxiondb-carol already, without the labels app\.kubernetes\.io\/part-of/,
      );
      label = /\$ kubectl (label .*?) +#/.exec(said)?.[1] ?? assert.fail(said);
    }
    await stack.kubectl(...label.split(" "));
  });

  it("come back to what was kept, and may grow as they do", async () => {
    const [first, second, third] = [await dataOf("alice"), await dataOf("bob"), await dataOf("carol")];
    const tenants = { ...alice("16Gi"), ...bob("512Mi"), carol: { ram: "512Mi", generateKey: true } };
    const said = await up({ tenants });
    assert.match(said, /5 imported/);
    await unchanged();
    assert.deepEqual([await dataOf("alice"), await dataOf("bob")], [first, second]);
    assert.equal((await dataOf("carol")).namespace, third.namespace);
    assert.equal((await claimOf("alice"))?.spec?.resources?.requests?.["storage"], "32Gi");
    assert.equal((await containerOf("alice"))?.resources?.limits?.["memory"], "16Gi");

    await up({ tenants: { ...tenants, ...bob("1Gi") } });
    assert.deepEqual(await dataOf("bob"), second);
    assert.equal((await claimOf("bob"))?.spec?.resources?.requests?.["storage"], "2Gi");
    await unchanged();
  });
});
