import assert from "node:assert/strict";
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
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { failureOf, type Outside, type Program, type Trial } from "./plugins-trial";
import { broken, configMap, deployment, does, inTrials, labels, nowhere, podOf, within } from "./plugins-objects";

describe("the kubernetes plugin, official or stand-in: previews, new objects, and what is waited for", function () {
  this.timeout(120_000);
  let outside: Outside;
  let trial: Trial;
  let namespace: string;
  inTrials("plugins-behaviour", (now) => ({ outside, trial, namespace } = now));

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
});
