import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { LibSql, MinIO, Redis } from "../../../components/backing";
import { at, named, plan, refusals, valueOf } from "./engine";

const namespace = "dotdo-data";

describe("backing services", () => {
  const services = [
    {
      name: "libsql",
      make: (args = {}) => new LibSql("libsql", { namespace, ...args }),
      url: "http://libsql.dotdo-data.svc:8080",
      port: 8080,
    },
    { name: "minio", make: (args = {}) => new MinIO("minio", { namespace, ...args }), url: "http://minio.dotdo-data.svc:9000", port: 9000 },
    {
      name: "redis",
      make: (args = {}) => new Redis("redis", { namespace, ...args }),
      url: "redis://redis.dotdo-data.svc:6379",
      port: 6379,
    },
  ];

  for (const { name, make, url, port } of services) {
    describe(name, () => {
      it("says its address, and how a network policy names it", async () => {
        let made: ReturnType<typeof make> | undefined;
        const planned = await plan(() => (made = make()));
        assert.ok(made);
        assert.equal(await valueOf(made.url), url);
        assert.equal(made.reachable.port, port);
        assert.deepEqual(made.reachable.peer.podLabels, at(named(planned, `${name}-pods`), "spec.selector.matchLabels"));
      });

      it("keeps its claim, which is no part of the StatefulSet", async () => {
        let kept: boolean | undefined;
        const planned = await plan(() =>
          make({
            storage: "3Gi",
            storageClass: "fast",
            transform: { claim: (_: unknown, opts: pulumi.CustomResourceOptions) => (kept = opts.retainOnDelete) },
          }),
        );
        assert.equal(kept, true);
        assert.equal(at(named(planned, `${name}-claim`), "spec.resources.requests.storage"), "3Gi");
        assert.equal(at(named(planned, `${name}-claim`), "spec.storageClassName"), "fast");
        const pods = named(planned, `${name}-pods`);
        assert.equal(at(pods, "spec.volumeClaimTemplates"), undefined);
        assert.equal(at(pods, "spec.template.spec.volumes.0.persistentVolumeClaim.claimName"), name);
      });

      it("is restricted, and pinned to one version", async () => {
        const pods = named(await plan(() => make()), `${name}-pods`);
        const containers = [at(pods, "spec.template.spec.containers"), at(pods, "spec.template.spec.initContainers")].flat();
        for (const container of containers) {
          assert.equal(at(container, "securityContext.readOnlyRootFilesystem"), true);
          assert.match(at(container, "image") as string, /:[^:]*\d+[.-]\d+[^:]*$/);
        }
        assert.equal(at(pods, "spec.template.spec.automountServiceAccountToken"), false);
        assert.equal(at(pods, "spec.template.spec.securityContext.runAsNonRoot"), true);
      });

      it("lets in the pods of its namespace, or the clients that are named", async () => {
        const policy = async (args = {}) => at(named(await plan(() => make(args)), `${name}-network-policy`), "spec.ingress.0");
        assert.deepEqual(await policy(), { from: [{ podSelector: { matchLabels: {} } }], ports: [{ protocol: "TCP", port }] });
        const clients = [{ namespace: "dotdo", podLabels: { "app.kubernetes.io/name": "dotdo" } }];
        assert.deepEqual(at(await policy({ clients }), "from.0.namespaceSelector.matchLabels"), { "kubernetes.io/metadata.name": "dotdo" });
      });

      it("names every wrong argument", () => {
        const refused = refusals(() => make({ storage: "lots", image: "no-tag" })).map((text) => text.split(":")[0]);
        assert.deepEqual(refused.sort(), ["image", "storage"]);
      });
    });
  }

  it("has MinIO's bucket before MinIO answers", async () => {
    const pods = named(await plan(() => new MinIO("minio", { namespace, bucket: "events" })), "minio-pods");
    assert.deepEqual(at(pods, "spec.template.spec.initContainers.0.command"), ["mkdir", "-p", "/data/events"]);
    assert.equal(at(pods, "spec.template.spec.initContainers.0.volumeMounts.0.mountPath"), "/data");
  });

  it("makes passwords, shows them to nobody, and rolls its pods when one changes", async () => {
    let made: pulumi.Output<string>[] = [];
    const planned = await plan(() => {
      const minio = new MinIO("minio", { namespace });
      made = [minio.accessKey, minio.secretKey, new Redis("redis", { namespace }).password];
    });
    for (const output of made) assert.ok(await pulumi.isSecret(output), "an output is no secret");
    const text = JSON.stringify(planned.map(({ inputs }) => inputs));
    for (const password of await Promise.all(made.map(valueOf))) assert.ok(!text.includes(password), `${password} is in clear`);
    assert.equal(at(named(planned, "minio-pods"), "spec.template.spec.containers.0.envFrom.0.secretRef.name"), "minio-keys-made");
    assert.equal(at(named(planned, "redis-pods"), "spec.template.spec.volumes.2.secret.secretName"), "redis-config-made");
  });

  it("asks for the password that it gives out", async () => {
    const planned = await plan(() => [new MinIO("minio", { namespace }), new Redis("redis", { namespace })]);
    const dataOf = (name: string) => at(planned.find((resource) => resource.name === name)?.values, "stringData") as Record<string, string>;
    assert.deepEqual(dataOf("minio-keys"), { MINIO_ROOT_USER: "minio-access-key-made", MINIO_ROOT_PASSWORD: "minio-secret-key-made" });
    assert.match(dataOf("redis-config")["redis.conf"] ?? "", /^requirepass redis-password-made$/m);
    assert.equal(dataOf("redis-config")["password"], "redis-password-made");
  });

  it("keeps Redis's password out of the process list", async () => {
    const redis = at(named(await plan(() => new Redis("redis", { namespace })), "redis-pods"), "spec.template.spec.containers.0");
    assert.deepEqual(at(redis, "command"), ["redis-server", "/etc/redis/redis.conf"]);
    assert.equal(at(redis, "args"), undefined);
  });

  it("keeps the type and name of each child: someone's state holds them", async () => {
    const planned = await plan(() => services.forEach(({ make }) => make()));
    assert.deepEqual(planned.map(({ type, name }) => `${type} ${name}`).sort(), [
      ...["libsql", "minio", "redis"].map((name) => `kubernetes:apps/v1:StatefulSet ${name}-pods`),
      ...["libsql", "minio", "redis"].map((name) => `kubernetes:core/v1:PersistentVolumeClaim ${name}-claim`),
      "kubernetes:core/v1:Secret minio-keys",
      "kubernetes:core/v1:Secret redis-config",
      ...["libsql", "minio", "redis"].map((name) => `kubernetes:core/v1:Service ${name}-service`),
      ...["libsql", "minio", "redis"].map((name) => `kubernetes:networking.k8s.io/v1:NetworkPolicy ${name}-network-policy`),
      "random:index/randomPassword:RandomPassword minio-access-key",
      "random:index/randomPassword:RandomPassword minio-secret-key",
      "random:index/randomPassword:RandomPassword redis-password",
      "stackyard:backing:LibSql libsql",
      "stackyard:backing:MinIO minio",
      "stackyard:backing:Redis redis",
    ]);
  });
});
