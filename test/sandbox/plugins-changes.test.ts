import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { V1ConfigMap, V1Deployment, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import * as certmanager from "@pulumi/kubernetes-cert-manager";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { failureOf, folderOf, type Outside, type Program, type Trial, type World } from "./plugins-trial";
import { configMap, deployment, does, inTrials, labels, nowhere, podOf } from "./plugins-objects";

describe("the kubernetes and random plugins, official or stand-in: changes, deletions, releases, secrets and random values", function () {
  this.timeout(120_000);
  let world: World;
  let outside: Outside;
  let trial: Trial;
  let namespace: string;
  inTrials("plugins-changes", (now) => ({ world, outside, trial, namespace } = now));

  const live = () => outside.has<V1Deployment>("apps/v1", "Deployment", "web", namespace);
  const map = () => outside.has<V1ConfigMap>("v1", "ConfigMap", "c", namespace);

  describe("changing objects", () => {
    it("takes away what the program no longer says, and leaves what others have set", async () => {
      const program = (env: { name: string; value: string }[], tier?: string) =>
        does((given) =>
          deployment(
            given,
            podOf({ containers: [{ name: "web", image: "registry.example/web:1", env }] }),
            {},
            { labels: tier === undefined ? {} : { tier } },
          ),
        );
      await trial.up(
        program(
          [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
          "front",
        ),
      );
      await outside.change({ ...(await live()), metadata: { name: "web", namespace, labels: { theirs: "yes" } } });
      await trial.up(program([{ name: "B", value: "2" }]));
      const { metadata, spec } = await live();
      assert.deepEqual(metadata?.labels, { theirs: "yes" });
      assert.deepEqual(
        spec?.template.spec?.containers[0]?.env?.map(({ name, value }) => `${name}=${value}`),
        ["B=2"],
      );
    });

    it("makes a new object where a field is immutable: the old one goes first when the name is fixed", async () => {
      await trial.up(does((given) => deployment(given)));
      const { uid } = (await live()).metadata ?? {};
      const other = { selector: { matchLabels: { app: "other" } }, template: { metadata: { labels: { app: "other" } }, spec: podOf() } };
      const program = does((given) => deployment(given, podOf(), other));
      assert.ok((await trial.preview(program)).includes("replace web"));
      await trial.up(program);
      assert.notEqual((await live()).metadata?.uid, uid);
      assert.deepEqual((await live()).spec?.selector.matchLabels, { app: "other" });
    });

    it("makes a new ConfigMap first when its data change and Pulumi names it, and rolls its workload", async () => {
      const program =
        (a: string): Program =>
        (given) => {
          const map = configMap(given, { a }, {});
          deployment(
            given,
            podOf({
              containers: [{ name: "web", image: "registry.example/web:1", envFrom: [{ configMapRef: { name: map.metadata.name } }] }],
            }),
          );
          return { name: map.metadata.name };
        };
      const first = (await trial.up(program("1"))).outputs.name?.value as string;
      const { steps, outputs } = await trial.up(program("2"));
      assert.deepEqual(
        steps.filter((step) => /^(create-repl|update|delete-repl)/.test(step)),
        ["create-replacement c", "update web", "delete-replaced c"],
      );
      assert.notEqual(outputs.name?.value, first);
      assert.equal((await live()).spec?.template.spec?.containers[0]?.envFrom?.[0]?.configMapRef?.name, outputs.name?.value);
      assert.equal(await outside.get("v1", "ConfigMap", first, namespace), undefined);
    });

    it("grows a claim in place, and replaces it for another class", async () => {
      const claim = (storage: string, storageClassName?: string) =>
        does(({ on, namespace }) => {
          const spec = { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } };
          new k8s.core.v1.PersistentVolumeClaim("claim", { metadata: { name: "claim", namespace }, spec }, on);
        });
      await trial.up(claim("1Gi"));
      assert.ok((await trial.preview(claim("1Gi", "another"))).includes("replace claim"));
      assert.deepEqual((await trial.up(claim("2Gi"))).steps, ["update claim"]);
      const { spec } = await outside.has<V1PersistentVolumeClaim>("v1", "PersistentVolumeClaim", "claim", namespace);
      assert.equal(spec?.resources?.requests?.storage, "2Gi");
    });

    it("leaves replicas to who scales, when the program says none", async () => {
      const program = (tier: string) => does((given) => deployment(given, podOf(), {}, { labels: { tier } }));
      await trial.up(program("a"));
      await outside.change({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace }, spec: { replicas: 3 } });
      assert.deepEqual(await trial.preview(program("a")), []);
      assert.deepEqual((await trial.up(program("b"))).steps, ["update web"]);
      assert.equal((await live()).spec?.replicas, 3);
      await trial.refresh();
      assert.deepEqual(await trial.preview(program("b")), []);
    });

    it("leaves what ignoreChanges names", async () => {
      const program = (replicas: number, tier: string) =>
        does((given) => deployment(given, podOf(), { replicas }, { labels: { tier } }, { ignoreChanges: ["spec.replicas"] }));
      await trial.up(program(1, "a"));
      await outside.change({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace }, spec: { replicas: 3 } });
      assert.deepEqual(await trial.preview(program(2, "a")), []);
      await trial.up(program(2, "b"));
      const { spec, metadata } = await live();
      assert.deepEqual([spec?.replicas, metadata?.labels?.tier], [3, "b"]);
    });

    it("does not fight another manager over a field, unless told to", async () => {
      const program = (tier: string, annotations: Record<string, string>) =>
        does((given) => configMap(given, {}, { name: "c", labels: { tier }, annotations }));
      await trial.up(program("a", {}));
      await outside.change({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace, labels: { tier: "theirs" } } });
      assert.match(await failureOf(trial.up(program("b", {}))), /conflict[^]*somebody-else/);
      await trial.up(program("b", { "pulumi.com/patchForce": "true" }));
      assert.equal((await map()).metadata?.labels?.tier, "b");
    });
  });

  describe("looking again", () => {
    it("sees what somebody changed or deleted", async () => {
      const program: Program = (given) => {
        configMap(given, { a: "1" });
        new k8s.core.v1.ConfigMap("d", { metadata: { name: "d", namespace: given.namespace } }, given.on);
      };
      await trial.up(program);
      await outside.change({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace }, data: { a: "theirs" } });
      await outside.api.delete({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "d", namespace } });
      assert.deepEqual(await trial.refresh(), { same: 2, update: 1, delete: 1 });
      assert.deepEqual((await trial.preview(program)).filter((step) => /^(create|replace) /.test(step)).sort(), ["create d", "replace c"]);
      await trial.up(program);
      assert.equal((await map()).data?.a, "1");
      assert.ok(await outside.get("v1", "ConfigMap", "d", namespace));
    });
  });

  describe("the provider", () => {
    it("replaces everything when clusterIdentifier changes, and nothing when only the kubeconfig does", async () => {
      const program = does((given) => configMap(given, { a: "1" }));
      trial.providerArgs = { kubeconfig: world.kubeconfig, clusterIdentifier: "one" };
      await trial.up(program);
      trial.providerArgs = { kubeconfig: world.kubeconfig.replaceAll("127.0.0.1", "localhost"), clusterIdentifier: "one" };
      assert.deepEqual(await trial.preview(program), ["update cluster"]);
      trial.providerArgs = { kubeconfig: world.kubeconfig, clusterIdentifier: "two" };
      assert.ok((await trial.preview(program)).includes("replace c"));
    });

    it("puts objects without a namespace into its own", async () => {
      trial.providerArgs = { kubeconfig: world.kubeconfig, namespace };
      await trial.up(({ on }) => void new k8s.core.v1.ConfigMap("c", { metadata: { name: "c" } }, on));
      assert.ok(await map());
    });
  });

  describe("deleting", () => {
    it("ends when the objects are gone", async () => {
      const place = `${namespace}-gone`;
      await trial.up(({ on }) => {
        const made = new k8s.core.v1.Namespace("place", { metadata: { name: place } }, on);
        new k8s.core.v1.ConfigMap("c", { metadata: { name: "c", namespace: made.metadata.name } }, on);
        new k8s.apps.v1.StatefulSet(
          "web",
          {
            metadata: { name: "web", namespace: made.metadata.name },
            spec: { serviceName: "web", selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podOf() } },
          },
          on,
        );
      });
      const { steps } = await trial.up(() => {});
      assert.deepEqual(steps.sort(), ["delete c", "delete place", "delete web"]);
      assert.equal(await outside.get("v1", "Namespace", place), undefined);
      assert.equal(await outside.get("v1", "ConfigMap", "c", place), undefined);
    });

    it("does not mind what is gone already", async () => {
      await trial.up(does((given) => configMap(given, {})));
      await outside.api.delete({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace } });
      await trial.up(() => {});
      assert.equal(await trial.resource("c"), undefined);
    });
  });

  describe("a Helm release", () => {
    const templates = {
      "templates/config.yaml":
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}", labels: { size: "{{ required "size is needed" .Values.size }}" } }\n',
      "templates/secret.yaml":
        'apiVersion: v1\nkind: Secret\nmetadata: { name: "{{ .Release.Name }}" }\nstringData: { key: "{{ .Values.key }}" }\n',
      "templates/pod.yaml":
        '{{ if .Values.pod }}\napiVersion: v1\nkind: Pod\nmetadata: { name: "{{ .Release.Name }}" }\nspec: {{ .Values.pod | toJson }}\n{{ end }}\n',
    };
    let chart: string;
    beforeEach(() => {
      chart = folderOf({ "Chart.yaml": "apiVersion: v2\nname: thing\nversion: 1.2.3\nappVersion: 4.5.6\n", ...templates });
    });
    afterEach(() => rmSync(chart, { recursive: true }));
    const release =
      (values: pulumi.Inputs, args: Partial<k8s.helm.v3.ReleaseArgs> = {}): Program =>
      ({ on, namespace }) => {
        const made = new k8s.helm.v3.Release("r", { chart, name: "thing", namespace, values, ...args }, on);
        return { status: made.status };
      };

    it("is installed, upgraded, seen gone, and taken away", async () => {
      const first = await trial.up(release({ size: "small", key: pulumi.secret("opensesame-4") }));
      assert.deepEqual(first.outputs.status?.value, {
        name: "thing",
        namespace,
        revision: 1,
        status: "deployed",
        chart: "thing",
        version: "1.2.3",
        appVersion: "4.5.6",
      });
      assert.ok(!trial.files().includes("opensesame-4"), "the secret value is in the state");
      assert.deepEqual(await trial.preview(release({ size: "small", key: pulumi.secret("opensesame-4") })), []);
      const { steps } = await trial.up(release({ size: "large", key: pulumi.secret("opensesame-4") }));
      assert.deepEqual(steps, ["update r"]);
      assert.equal((await outside.has("v1", "ConfigMap", "thing", namespace)).metadata?.labels?.size, "large");
      await trial.up(() => {});
      assert.equal(await outside.get("v1", "ConfigMap", "thing", namespace), undefined);
    });

    it("that its chart refuses fails in the preview", async () => {
      assert.match(await failureOf(trial.preview(release({ key: "k" }))), /size is needed/);
    });

    it("whose objects do not get ready fails, stays in the state, and the next run mends it", async () => {
      const wrong = release(
        { size: "small", key: "k", pod: { nodeSelector: nowhere.nodeSelector, containers: podOf().containers } },
        { timeout: 3 },
      );
      await failureOf(trial.up(wrong));
      assert.equal((await trial.resource("r"))?.id, `${namespace}/thing`);
      const { outputs } = await trial.up(release({ size: "small", key: "k" }));
      assert.equal((outputs.status?.value as { status: string }).status, "deployed");
    });

    it("is what the cert-manager component makes", async () => {
      const program: Program = ({ on, namespace }) => {
        const helmOptions = { chart, name: "cm", namespace, repositoryOpts: { repo: "" }, values: { size: "small" } };
        const made = new certmanager.CertManager(
          "cm",
          { helmOptions, podDnsPolicy: "Default" },
          { providers: on.provider ? [on.provider] : [] },
        );
        return { status: made.status };
      };
      assert.deepEqual((await trial.preview(program)).sort(), ["create cluster", "create cm", "create cm-helm"]);
      const { outputs } = await trial.up(program);
      assert.equal((outputs.status?.value as { status: string }).status, "deployed");
      assert.equal((await outside.has("v1", "ConfigMap", "cm", namespace)).metadata?.labels?.size, "small");
      assert.deepEqual(await trial.preview(program), []);
    });
  });

  describe("secrets", () => {
    it("lie nowhere in clear: not in inputs, outputs, nor in what the API server makes of them", async () => {
      const [plain, encoded, env] = ["opensesame-1", "opensesame-2", "opensesame-3"] as const;
      const base64 = (text: string) => Buffer.from(text).toString("base64");
      const { outputs } = await trial.up((given) => {
        const { on, namespace } = given;
        const password = new random.RandomPassword("password", { length: 20 });
        const made = new k8s.core.v1.Secret(
          "s",
          { metadata: { name: "s", namespace }, stringData: { plain, password: password.result }, data: { encoded: base64(encoded) } },
          on,
        );
        deployment(
          given,
          podOf({ containers: [{ name: "web", image: "registry.example/web:1", env: [{ name: "KEY", value: pulumi.secret(env) }] }] }),
        );
        return { password: password.result, data: made.data };
      });
      const password = outputs.password?.value as string;
      assert.deepEqual([outputs.password?.secret, outputs.data?.secret], [true, true]);
      assert.equal((outputs.data?.value as Record<string, string>).plain, base64(plain));
      const files = trial.files();
      assert.ok(files.includes(namespace), "the state was looked at");
      for (const value of [plain, encoded, env, password]) {
        for (const text of [value, base64(value)]) assert.ok(!files.includes(text), `${text} is in the state`);
      }
    });
  });

  describe("random values", () => {
    it("stay until what they hang on changes", async () => {
      const program =
        (round: string, length = 24): Program =>
        () => {
          const keepers = { round };
          const password = new random.RandomPassword("password", {
            length,
            keepers,
            minUpper: 2,
            minNumeric: 2,
            minSpecial: 2,
            overrideSpecial: "_-",
          });
          const text = new random.RandomString("text", { length: 8, special: false, upper: false, keepers });
          const id = new random.RandomId("id", { byteLength: 8, prefix: "p-", keepers });
          const bytes = new random.RandomBytes("bytes", { length: 16, keepers });
          const uuid = new random.RandomUuid("uuid", { keepers });
          return {
            password: password.result,
            text: text.result,
            id: { hex: id.hex, dec: id.dec, b64Url: id.b64Url, b64Std: id.b64Std },
            bytes: { hex: bytes.hex, base64: bytes.base64 },
            uuid: uuid.result,
          };
        };
      const values = async (run: Program) =>
        Object.fromEntries(Object.entries((await trial.up(run)).outputs).map(([key, { value }]) => [key, value as unknown]));
      const first = await values(program("1"));
      assert.match(String(first.password), /^(?=(.*[A-Z]){2})(?=(.*\d){2})(?=(.*[_-]){2})[\w-]{24}$/);
      assert.match(String(first.text), /^[a-z0-9]{8}$/);
      assert.match(String(first.uuid), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const { hex, dec, b64Url, b64Std } = first.id as Record<string, string>;
      const bytes = Buffer.from(String(hex).slice(2), "hex");
      assert.deepEqual(
        [bytes.length, dec, b64Url, b64Std],
        [8, `p-${BigInt(`0x${bytes.toString("hex")}`)}`, `p-${bytes.toString("base64url")}`, `p-${bytes.toString("base64")}`],
      );
      const raw = first.bytes as Record<string, string>;
      assert.equal(Buffer.from(String(raw.base64), "base64").toString("hex"), raw.hex);
      assert.deepEqual(await values(program("1")), first);
      assert.deepEqual(
        (await trial.preview(program("1", 30))).filter((step) => step.startsWith("replace")),
        ["replace password"],
      );
      const second = await values(program("2"));
      for (const key of Object.keys(first)) assert.notDeepEqual(second[key], first[key], `${key} is new`);
    });
  });
});
