import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { inspect } from "node:util";
import { parse } from "yaml";
import { LAYER_NAMES, load, secretOf, type StackConfig } from "../../config";
import { stackFileSchema } from "../../config/json-schema";

type Config = Record<string, unknown>;

const CLUSTER = { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
const dotdo = (options: Config = {}): Config => ({ image: { tag: "1.2.3" }, ...options });
const stack = (section: unknown = dotdo(), rest: Config = {}): Config => ({
  "stackyard:layers": ["dotdo"],
  "stackyard:cluster": CLUSTER,
  "stackyard:dotdo": section,
  ...rest,
});

const without = (lost: string): Config => Object.fromEntries(Object.entries(stack()).filter(([key]) => key !== lost));

/** Loads a config as the engine hands it over: every value as text. */
function loaded(config: Config, encrypted: string[] = []): StackConfig {
  pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "", state: inputs as Config }), call: () => ({}) }, "stackyard", "test");
  const values = Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  pulumi.runtime.setAllConfig(Object.fromEntries(values) as Record<string, string>, encrypted);
  return load();
}

/** What a config is refused with: key, reason and commands of each error. */
function refused(config: Config, encrypted: string[] = []): Record<string, string> {
  try {
    loaded(config, encrypted);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), `not refused, but failed: ${inspect(error)}`);
    const [, ...blocks] = error.message.split("\n\n");
    return Object.fromEntries(blocks.map((block) => [block.slice(0, block.indexOf("\n")), block.slice(block.indexOf("\n") + 1)]));
  }
  return assert.fail("the config was taken");
}

describe("config", () => {
  it("gives each layer its section with every default filled in", () => {
    const { cluster, layers, protected: isProtected } = loaded(stack());
    assert.deepEqual(cluster, CLUSTER);
    assert.equal(isProtected, false);
    assert.equal(layers.dotdo?.autoscaling.maxReplicas, 100);
    assert.equal(layers.dotdo?.image.tag, "1.2.3");
  });

  it("takes true and false of a key of its own, which the engine hands over as text", () => {
    assert.equal(loaded(stack(dotdo(), { "stackyard:protected": "true" })).protected, true);
  });

  for (const file of readdirSync(".").filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    it(`takes ${file}, once it is bound to a cluster`, () => {
      const { config } = parse(readFileSync(file, "utf8")) as { config: Config };
      const { layers } = loaded({ ...config, "stackyard:cluster": CLUSTER });
      assert.deepEqual(Object.keys(layers), config["stackyard:layers"]);
    });
  }

  it("names every error at once, each with what was given, what is accepted, and the command that mends it", () => {
    const section = dotdo({
      replicaCount: "many",
      autoscaling: { minReplicas: 9, maxReplicas: 5 },
      livenessProbe: { enabled: "true" },
      topologySpreadConstraints: { whenUnsatisfiable: "Never" },
      ingress: { hosts: [{ host: "https://do.example.com/" }] },
      resources: { limits: { cpu: 2 } },
    });
    const errors = refused(stack(section, { "stackyard:protected": "perhaps" }));
    assert.deepEqual(errors, {
      "stackyard:protected":
        '  "perhaps" is not accepted: write true or false\n' +
        "  $ pulumi config rm --stack test --path 'stackyard:protected'\n" +
        "  $ pulumi config set --stack test --path 'stackyard:protected' false",
      "stackyard:dotdo.replicaCount":
        '  "many" is no number here: write a whole number from 1 on\n' +
        "  $ pulumi config rm --stack test --path 'stackyard:dotdo.replicaCount'\n" +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.replicaCount' 3",
      "stackyard:dotdo.autoscaling.minReplicas":
        "  9 is more than autoscaling.maxReplicas (5): lower it or raise maxReplicas\n" +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.autoscaling.minReplicas' '<whole number>'",
      "stackyard:dotdo.livenessProbe.enabled":
        '  "true" is not accepted: write true or false\n' +
        "  $ pulumi config rm --stack test --path 'stackyard:dotdo.livenessProbe.enabled'\n" +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.livenessProbe.enabled' true",
      "stackyard:dotdo.topologySpreadConstraints.whenUnsatisfiable":
        '  "Never" is not accepted: write ScheduleAnyway or DoNotSchedule\n' +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.topologySpreadConstraints.whenUnsatisfiable' ScheduleAnyway",
      "stackyard:dotdo.ingress.hosts[0].host":
        '  "https://do.example.com/" is no host name: write lower-case labels joined by dots, such as do.example.com or *.example.com, without scheme, port or path\n' +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.ingress.hosts[0].host' '<value>'",
      "stackyard:dotdo.resources.limits.cpu":
        '  2 is no amount of CPU: write cores or thousandths of a core as text, such as "2", "0.5" or "250m"\n' +
        "  $ pulumi config set --stack test --path 'stackyard:dotdo.resources.limits.cpu' --type string 2",
    });
  });

  it("names the nearest known key for an unknown one, and does not repeat what stands there", () => {
    const errors = refused(stack(dotdo({ replcaCount: "hunter2" }), { "stackyard:layer": "hunter2", "stackyard:zzz": "hunter2" }));
    assert.match(errors["stackyard:dotdo.replcaCount"] ?? "", /did you mean replicaCount\?[^]*config rm [^\n]*replcaCount'/);
    assert.match(errors["stackyard:layer"] ?? "", /did you mean stackyard:layers\?/);
    assert.match(errors["stackyard:zzz"] ?? "", /known here are stackyard:layers, stackyard:cluster/);
    assert.ok(!JSON.stringify(errors).includes("hunter2"));
  });

  it("says of a missing map what is missing in it", () => {
    const errors = refused(stack({}));
    assert.deepEqual(Object.keys(errors), ["stackyard:dotdo.image.tag"]);
    assert.match(errors["stackyard:dotdo.image.tag"] ?? "", /is missing: there is no default tag/);
  });

  it("finds the errors inside the alternative that was meant", () => {
    const rule = (peers: unknown) => dotdo({ networkPolicy: { ingress: [{ peers }] } });
    assert.match(
      refused(stack(rule([{ cidr: "10.0.0/8" }])))["stackyard:dotdo.networkPolicy.ingress[0].peers[0].cidr"] ?? "",
      /10\.0\.0\.0\/8/,
    );
    assert.match(refused(stack(rule("nobody")))["stackyard:dotdo.networkPolicy.ingress[0].peers"] ?? "", /anywhere or a list/);
  });

  it("quotes keys that a path cannot hold plain", () => {
    const errors = refused(stack(dotdo({ labels: { "example.com/team": "not ok!" } })));
    assert.match(errors['stackyard:dotdo.labels["example.com/team"]'] ?? "", /'stackyard:dotdo\.labels\["example\.com\/team"\]'/);
  });

  describe("layers and sections", () => {
    it("refuses a layer whose section was lost", () => {
      assert.match(refused(without("stackyard:dotdo"))["stackyard:dotdo"] ?? "", /is missing, and stackyard:layers names "dotdo"/);
    });

    it("refuses a section that no layer names", () => {
      const errors = refused(stack(dotdo(), { "stackyard:layers": [] }));
      assert.match(errors["stackyard:layers"] ?? "", /does not name "dotdo"[^]*--path 'stackyard:layers\[0\]' dotdo/);
    });

    it("refuses a list of layers that was lost, and takes one that is empty on purpose", () => {
      assert.match(refused(stack(dotdo(), { "stackyard:layers": "" }))["stackyard:layers"] ?? "", /is missing/);
      assert.deepEqual(loaded({ "stackyard:layers": [], "stackyard:cluster": CLUSTER }).layers, {});
    });

    it("refuses a layer that does not exist", () => {
      assert.match(refused(stack(dotdo(), { "stackyard:layers": ["dotdo", "doodoo"] }))["stackyard:layers[1]"] ?? "", /"doodoo"[^]*dotdo/);
    });
  });

  describe("cluster", () => {
    it("says how the uid is got from the cluster that the context names", () => {
      const errors = refused(stack(dotdo(), { "stackyard:cluster": { context: "kind dev", kubeconfig: "/etc/kube" } }));
      assert.deepEqual(errors, {
        "stackyard:cluster.uid":
          "  is missing: write the uid of the cluster's kube-system namespace\n" +
          "  $ pulumi config set --stack test --path 'stackyard:cluster.uid' " +
          `"$(kubectl --kubeconfig /etc/kube --context 'kind dev' get namespace kube-system -o 'jsonpath={.metadata.uid}')"`,
      });
    });

    it("is never taken for granted: without it, context and uid are both missing", () => {
      assert.deepEqual(Object.keys(refused(without("stackyard:cluster"))), ["stackyard:cluster.context", "stackyard:cluster.uid"]);
    });
  });

  describe("secrets", () => {
    const naming = (name: string) => dotdo({ secrets: { tursoToken: name } });
    const encrypted = ["stackyard:secrets"];

    it("hands the value on as a secret", async () => {
      const { layers } = loaded(stack(naming("turso"), { "stackyard:secrets": { turso: "hunter2" } }), encrypted);
      const value = secretOf(layers.dotdo?.secrets.tursoToken ?? "");
      assert.equal(await new Promise((resolve) => value.apply(resolve)), "hunter2");
      assert.equal(await (value as unknown as { readonly isSecret: Promise<boolean> }).isSecret, true);
    });

    it("refuses a name that is not there, and does not repeat it: it may be the secret itself", () => {
      const errors = refused(stack(naming("hunter2"), { "stackyard:secrets": { turso: "hunter3" } }), encrypted);
      const error = errors["stackyard:dotdo.secrets.tursoToken"] ?? "";
      assert.match(error, /it has turso\)/);
      assert.match(error, /config set --stack test --secret --path 'stackyard:secrets\.dotdo-turso-token'\n/);
      assert.match(error, /--path 'stackyard:dotdo\.secrets\.tursoToken' dotdo-turso-token/);
      assert.ok(!/hunter/.test(error));
    });

    it("refuses secrets in clear, and does not repeat them", () => {
      const errors = refused(stack(naming("turso"), { "stackyard:secrets": { turso: "hunter2" } }));
      assert.match(errors["stackyard:secrets.turso"] ?? "", /stands in clear[^]*--secret --path 'stackyard:secrets\.turso'/);
      assert.ok(!JSON.stringify(errors).includes("hunter2"));
    });

    it("refuses an encrypted value inside a section, and repeats nothing of that section", () => {
      const section = dotdo({ secrets: { tursoToken: "hunter2" }, replicaCount: "hunter2" });
      const errors = refused(stack(section, { "stackyard:secrets": { turso: "hunter3" } }), [...encrypted, "stackyard:dotdo"]);
      assert.match(errors["stackyard:dotdo"] ?? "", /holds an encrypted value/);
      assert.ok(!/hunter/.test(JSON.stringify(errors)));
    });

    it("refuses what two would set", () => {
      const section = dotdo({ backing: { redis: {} }, env: { REDIS_URL: "redis://elsewhere" }, secrets: { redisPassword: "redis" } });
      const errors = refused(stack(section, { "stackyard:secrets": { redis: "x" } }), encrypted);
      assert.match(errors["stackyard:dotdo.env.REDIS_URL"] ?? "", /is set by backing\.redis[^]*config rm /);
      assert.match(errors["stackyard:dotdo.secrets.redisPassword"] ?? "", /is set by backing\.redis/);
    });
  });

  it("is printed without walking through the runtime that it failed in", () => {
    try {
      loaded({});
    } catch (error) {
      assert.equal(inspect(Object.assign(error as Error, { promise: new Array(1000).fill("runtime") })), (error as Error).message);
      return;
    }
    assert.fail("the config was taken");
  });
});

describe("config/schema.json", () => {
  const kept = JSON.parse(readFileSync("config/schema.json", "utf8")) as {
    properties: { config: { properties: Record<string, unknown> } };
  };

  it("is what the schemas say now (npm run schema)", () => {
    assert.deepEqual(kept, JSON.parse(JSON.stringify(stackFileSchema())));
  });

  it("knows every key, and describes it", () => {
    const known = kept.properties.config.properties as Record<string, { description?: string }>;
    assert.deepEqual(
      Object.keys(known).sort(),
      ["capacity", "cluster", "layers", "platformStack", "policy", "protected", "registry", "secrets", "tenants", ...LAYER_NAMES]
        .sort()
        .map((name) => `stackyard:${name}`),
    );
    for (const [key, { description }] of Object.entries(known)) assert.ok(description, `${key} has no description`);
  });
});
