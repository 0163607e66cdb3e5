import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import type {
  KubernetesObject,
  V1ConfigMap,
  V1Deployment,
  V1Job,
  V1PersistentVolumeClaim,
  V1ResourceQuota,
  V1Service,
} from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import * as certmanager from "@pulumi/kubernetes-cert-manager";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { failureOf, folderOf, type Given, Outside, type Program, Trial, type World } from "./plugins-trial";
import { openWorld } from "./plugins-world";

type Pod = k8s.types.input.core.v1.PodSpec;
type Meta = k8s.types.input.meta.v1.ObjectMeta;
const labels = { app: "web" };
const podOf = (more: Partial<Pod> = {}): Pod => ({
  containers: [{ name: "web", image: "registry.example/web:1", ports: [{ containerPort: 80 }] }],
  ...more,
});
/** A pod that no node of any cluster takes. */
const nowhere = podOf({ nodeSelector: { "kubernetes.io/hostname": "nowhere" } });
/** What the sandbox lets a pod's image be found missing with; a cluster with kubelets finds that by itself. */
const missingImage = { "stackyard.dev/sandbox-fault": "fail" };

const deployment = (
  { on, namespace }: Given,
  pod = podOf(),
  more: Partial<k8s.types.input.apps.v1.DeploymentSpec> = {},
  meta: Meta = {},
  opts: pulumi.CustomResourceOptions = {},
) =>
  new k8s.apps.v1.Deployment(
    "web",
    {
      metadata: { name: "web", namespace, ...meta },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod }, ...more },
    },
    { ...on, ...opts },
  );
/** A Deployment whose pods find no image. */
const broken = (given: Given, meta: Meta) =>
  deployment(given, podOf(), { template: { metadata: { labels, annotations: missingImage }, spec: podOf() } }, meta);
const configMap = (
  { on, namespace }: Given,
  data: Record<string, pulumi.Input<string>>,
  meta: Meta = { name: "c" },
  opts: pulumi.CustomResourceOptions = {},
) => new k8s.core.v1.ConfigMap("c", { metadata: { namespace, ...meta }, data }, { ...on, ...opts });
const within = (seconds: number): Meta => ({ annotations: { "pulumi.com/timeoutSeconds": String(seconds) } });
const does =
  (make: (given: Given) => unknown): Program =>
  (given) =>
    void make(given);

describe("the kubernetes and random plugins, official or stand-in", function () {
  this.timeout(120_000);
  let world: World;
  let outside: Outside;
  let trial: Trial;
  let namespace: string;

  before(async () => {
    world = await openWorld("plugins-behaviour");
    outside = new Outside(world);
  });
  after(() => world.close());
  beforeEach(async () => {
    namespace = `trial-${randomBytes(4).toString("hex")}`;
    await outside.keep({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    trial = new Trial(world, namespace);
  });
  afterEach(async () => {
    trial.end();
    await outside.end();
  });

  const live = () => outside.has<V1Deployment>("apps/v1", "Deployment", "web", namespace);
  const map = () => outside.has<V1ConfigMap>("v1", "ConfigMap", "c", namespace);

  describe("in a preview", () => {
    it("the API server's refusals show before anything is made", async () => {
      const refused = trial.preview(({ on, namespace }) => {
        new k8s.core.v1.ConfigMap("fine", { metadata: { name: "fine", namespace } }, on);
        new k8s.core.v1.Service("wrong", { metadata: { name: "wrong", namespace }, spec: { ports: [{ port: 70_000 }] } }, on);
      });
      assert.match(await failureOf(refused), /spec\.ports\[0\]\.port.*70000/);
      assert.equal(await outside.get("v1", "ConfigMap", "fine", namespace), undefined);
    });

    it("an admission policy's refusals show, of a new object and of a change", async () => {
      await outside.refuse(namespace, "object.metadata.?labels['size'].orValue('') != 'huge'", "huge is too much", {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "example", namespace, labels: { size: "huge" } },
      });
      const sized = (size: string) => does((given) => configMap(given, {}, { name: "c", labels: { size } }));
      assert.match(await failureOf(trial.preview(sized("huge"))), /huge is too much/);
      await trial.up(sized("small"));
      assert.match(await failureOf(trial.preview(sized("huge"))), /huge is too much/);
      assert.equal((await map()).metadata?.labels?.size, "small");
    });

    it("what is not known yet is no error", async () => {
      const program: Program = (given) => {
        const id = new random.RandomId("id", { byteLength: 4 });
        const map = configMap(given, { id: id.hex }, { name: "c" });
        deployment(
          given,
          podOf({
            containers: [
              {
                name: "web",
                image: pulumi.interpolate`registry.example/web:${id.hex}`,
                env: [{ name: "ID", value: map.data.apply(({ id }) => id ?? "") }],
              },
            ],
          }),
        );
        return { name: map.metadata.name };
      };
      assert.deepEqual((await trial.preview(program)).sort(), ["create c", "create cluster", "create id", "create web"]);
      const { outputs } = await trial.up(program);
      assert.equal(outputs.name?.value, "c");
      const { id } = (await map()).data ?? {};
      assert.match(id ?? "", /^[0-9a-f]{8}$/);
      assert.equal((await live()).spec?.template.spec?.containers[0]?.image, `registry.example/web:${id}`);
    });

    it("a namespace and a kind that the same run makes are no error", async () => {
      const group = `${namespace}.example`;
      const program: Program = ({ on, namespace }) => {
        const place = new k8s.core.v1.Namespace("place", { metadata: { name: `${namespace}-new` } }, on);
        new k8s.core.v1.ConfigMap("c", { metadata: { name: "c", namespace: `${namespace}-new` } }, { ...on, dependsOn: place });
        const names = { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" };
        const schema = { type: "object", properties: { spec: { type: "object", x_kubernetes_preserve_unknown_fields: true } } };
        const crd = new k8s.apiextensions.v1.CustomResourceDefinition(
          "crd",
          {
            metadata: { name: `widgets.${group}` },
            spec: {
              group,
              scope: "Namespaced",
              names,
              versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
            },
          },
          on,
        );
        new k8s.apiextensions.CustomResource(
          "w",
          { apiVersion: `${group}/v1`, kind: "Widget", metadata: { name: "w", namespace }, spec: { size: 3 } },
          { ...on, dependsOn: crd },
        );
      };
      assert.deepEqual((await trial.preview(program)).sort(), ["create c", "create cluster", "create crd", "create place", "create w"]);
      await trial.up(program);
      const widget = await outside.has<KubernetesObject & { spec: { size: number } }>(`${group}/v1`, "Widget", "w", namespace);
      assert.equal(widget.spec.size, 3);
      assert.deepEqual(await trial.preview(program), []);
      await trial.up(() => {});
    });
  });

  describe("making objects", () => {
    it("waits until they are ready, and finds nothing to change after it", async () => {
      const program: Program = (given) => {
        const { on, namespace } = given;
        const requests = { cpu: "1000m", memory: "0.5Gi" };
        const containers = [{ name: "web", image: "registry.example/web:1", resources: { requests }, ports: [{ containerPort: 80 }] }];
        deployment(given, podOf({ containers, volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1024Mi" } }], tolerations: [] }), {
          replicas: 2,
        });
        new k8s.core.v1.Service("service", { metadata: { name: "web", namespace }, spec: { selector: labels, ports: [{ port: 80 }] } }, on);
        const rules = [
          { http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }] } },
        ];
        new k8s.networking.v1.Ingress("ingress", { metadata: { name: "web", namespace }, spec: { rules } }, on);
        new k8s.networking.v1.NetworkPolicy(
          "closed",
          { metadata: { name: "closed", namespace }, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [] } },
          on,
        );
        new k8s.core.v1.Secret("secret", { metadata: { namespace }, stringData: { key: "a value" } }, on);
        new k8s.batch.v1.Job(
          "job",
          { metadata: { name: "job", namespace }, spec: { template: { spec: podOf({ restartPolicy: "Never" }) } } },
          on,
        );
      };
      await trial.up(program);
      assert.equal((await live()).status?.availableReplicas, 2);
      assert.equal((await outside.has<V1Job>("batch/v1", "Job", "job", namespace)).status?.succeeded, 1);
      assert.deepEqual(await trial.preview(program), []);
      await trial.refresh();
      assert.deepEqual(await trial.preview(program), []);
    });

    it("an object that exists already is an error, unless upserting is on", async () => {
      await outside.keep({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace }, data: { a: "1" } });
      const there = await map();
      const program = does((given) => configMap(given, { a: "1" }, { name: "c", labels: { ours: "yes" } }));
      assert.match(await failureOf(trial.up(program)), /already exists/);
      assert.equal((await map()).metadata?.labels, undefined);
      await trial.up(program, { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" });
      assert.equal((await map()).metadata?.labels?.ours, "yes");
      assert.equal((await map()).metadata?.uid, there.metadata?.uid);
    });

    it("names what has no name, and keeps the name", async () => {
      const program =
        (tier: string): Program =>
        (given) => ({ name: configMap(given, { a: "1" }, { labels: { tier } }).metadata.name });
      const first = (await trial.up(program("a"))).outputs.name?.value as string;
      assert.match(first, /^c-[0-9a-z]{7,8}$/);
      const { steps, outputs } = await trial.up(program("b"));
      assert.deepEqual(steps, ["update c"]);
      assert.equal(outputs.name?.value, first);
      assert.equal((await outside.has("v1", "ConfigMap", first, namespace)).metadata?.labels?.tier, "b");
    });

    it("reads what is there: get and import", async () => {
      await outside.keep({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace }, data: { a: "1" } });
      const got = await trial.up(({ on, namespace }) => ({ data: k8s.core.v1.ConfigMap.get("got", `${namespace}/c`, on).data }));
      assert.deepEqual(got.outputs.data?.value, { a: "1" });
      const { steps } = await trial.up(does((given) => configMap(given, { a: "1" }, { name: "c" }, { import: `${namespace}/c` })));
      assert.ok(steps.includes("import c"), steps.join());
      assert.deepEqual(await trial.preview(does((given) => configMap(given, { a: "1" }))), []);
    });
  });

  describe("waiting", () => {
    it("ends with the pod's trouble, keeps the object, and the next run mends it", async () => {
      const error = await failureOf(trial.up(does((given) => broken(given, within(4)))));
      assert.match(error, /web-[0-9a-f]+-\w+[^]*(ImagePullBackOff|ErrImagePull)/, "the pod is named, and what is wrong with it");
      assert.equal((await trial.resource("web"))?.id, `${namespace}/web`);
      const { uid } = (await live()).metadata ?? {};
      await trial.up(does((given) => deployment(given, podOf(), {}, within(60))));
      assert.equal((await live()).metadata?.uid, uid);
      assert.equal((await live()).status?.availableReplicas, 1);
    });

    it("is done again by the next run, when nothing else has changed", async () => {
      const program = does((given) => broken(given, within(3)));
      await failureOf(trial.up(program));
      assert.match(await failureOf(trial.up(program)), /ImagePullBackOff|ErrImagePull/);
    });

    it("ends with an update that does not roll out, and with going back", async () => {
      await trial.up(does((given) => deployment(given, podOf(), {}, within(60))));
      assert.match(await failureOf(trial.up(does((given) => broken(given, within(4))))), /ImagePullBackOff|ErrImagePull/);
      await trial.up(does((given) => deployment(given, podOf(), {}, within(60))));
      assert.equal((await live()).status?.updatedReplicas, 1);
    });

    it("lasts as long as customTimeouts say", async () => {
      const before = Date.now();
      await failureOf(trial.up(does((given) => deployment(given, nowhere, {}, {}, { customTimeouts: { create: "3s" } }))));
      assert.ok(Date.now() - before < 30_000);
    });

    it("is left out with pulumi.com/skipAwait", async () => {
      await trial.up(does((given) => deployment(given, nowhere, {}, { annotations: { "pulumi.com/skipAwait": "true" } })));
      assert.equal((await live()).status?.availableReplicas, undefined);
    });

    it("takes a Service to be ready only with a pod behind it", async () => {
      const service = (annotations: Record<string, string>) =>
        does(
          ({ on, namespace }) =>
            new k8s.core.v1.Service(
              "s",
              { metadata: { name: "s", namespace, annotations }, spec: { selector: labels, ports: [{ port: 80 }] } },
              on,
            ),
        );
      await failureOf(trial.up(service(within(3).annotations as Record<string, string>)));
      await trial.up(service({ "pulumi.com/skipAwait": "true" }));
      assert.ok(await outside.has<V1Service>("v1", "Service", "s", namespace));
    });

    it("waits for a quota to be in force, when it is made and when it is changed", async () => {
      const quota = (pods: string) =>
        does(
          ({ on, namespace }) =>
            new k8s.core.v1.ResourceQuota("quota", { metadata: { name: "quota", namespace }, spec: { hard: { pods } } }, on),
        );
      for (const pods of ["3", "7"]) {
        await trial.up(quota(pods));
        assert.equal((await outside.has<V1ResourceQuota>("v1", "ResourceQuota", "quota", namespace)).status?.hard?.["pods"], pods);
      }
    });

    it("does not wait for a claim that waits for its first pod", async () => {
      const storageClass = {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: namespace },
        provisioner: "nobody.example",
        volumeBindingMode: "WaitForFirstConsumer",
      };
      await outside.keep(storageClass);
      const spec = { storageClassName: namespace, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
      await trial.up(
        does(({ on, namespace }) => new k8s.core.v1.PersistentVolumeClaim("claim", { metadata: { name: "claim", namespace }, spec }, on)),
      );
      assert.equal(
        (await outside.has<V1PersistentVolumeClaim>("v1", "PersistentVolumeClaim", "claim", namespace)).status?.phase,
        "Pending",
      );
    });
  });

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
