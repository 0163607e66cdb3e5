import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { Starter } from "../../components/starter";
import { at, named, plan, Planned, refusals } from "./components/engine";
import { containerOf, development, given, names, planned, production, variables } from "./starter-given";

const annotations = (resources: readonly Planned[], name: string) =>
  (at(named(resources, name), "spec.template.metadata.annotations") ?? {}) as Record<string, string>;
const nameOf = (resources: readonly Planned[], name: string) => at(named(resources, name), "metadata.name");

describe("Starter: secrets", function () {
  this.timeout(20_000);

  it("are nowhere in clear", async () => {
    const secret = "pw-2f6c";
    assert.ok(JSON.stringify(development).includes(secret));
    for (const secretName of [undefined, "mine"]) {
      const shown = (await planned(given(development, { api: { secretName } }))).map(({ inputs }) => inputs);
      assert.ok(!JSON.stringify(shown).includes(secret), JSON.stringify(shown));
    }
  });

  describe("of the External Secrets operator", () => {
    it("are asked of the named store at the version that is served, and read key by key", async () => {
      const resources = await planned(production);
      const wish = named(resources, "starter-api-secret");
      assert.equal(at(wish, "apiVersion"), "external-secrets.io/v1");
      assert.deepEqual(at(wish, "spec.secretStoreRef"), { name: "platform-secrets", kind: "ClusterSecretStore" });
      assert.equal(at(wish, "spec.refreshInterval"), "1h");
      const data = at(wish, "spec.data") as unknown[];
      assert.deepEqual(data[0], { secretKey: "DATABASE_URL", remoteRef: { key: "prod/database_url" } });
      assert.deepEqual(data[3], { secretKey: "AUTH_PASSWORD_PEPPER", remoteRef: { key: "prod/peppers", property: "password" } });
      // the operator names the Secret after the wish, whose name is new with each one
      assert.equal(nameOf(resources, "starter-api-secret"), undefined);
      assert.equal(at(wish, "spec.target.name"), undefined);
      assert.equal(variables(resources, "starter-api-pods")["DATABASE_URL"], "<starter-api-secret-made>/DATABASE_URL");
      assert.deepEqual(containerOf(resources, "starter-api-pods")["envFrom"], []);
      assert.ok(!names(resources).includes("starter-web-secret"));
    });

    it("of another mapping, store or revision are another Secret, made first, that the pods roll to; another interval is not", async () => {
      let remade: string[] = [];
      const wish = async (changes: object) => {
        const args = given(production, { externalSecrets: changes });
        const note = (_: unknown, opts: pulumi.CustomResourceOptions) => (remade = opts.replaceOnChanges ?? []);
        return named(await planned({ ...args, transform: { externalSecrets: { api: note } } }), "starter-api-secret");
      };
      const before = await wish({});
      const isRemade = async (changes: object) => {
        const after = await wish(changes);
        return remade.some((path) => JSON.stringify(at(before, path)) !== JSON.stringify(at(after, path)));
      };
      assert.ok(await isRemade({ revision: "2" }));
      assert.ok(await isRemade({ api: { data: { DATABASE_URL: "prod/database_url_2" } } }));
      assert.ok(await isRemade({ secretStoreRef: { kind: "SecretStore" } }));
      assert.ok(!(await isRemade({ refreshInterval: "5m" })));
    });

    it("keep a name that their owner gives, and roll the pods by its checksum", async () => {
      const fixed = (revision: string) => planned(given(production, { api: { secretName: "api-env" }, externalSecrets: { revision } }));
      const [before, after] = [await fixed("1"), await fixed("2")];
      assert.equal(nameOf(before, "starter-api-secret"), nameOf(after, "starter-api-secret"));
      assert.equal(nameOf(before, "starter-api-secret"), "starter-api");
      assert.equal(at(named(before, "starter-api-secret"), "spec.target.name"), "api-env");
      const checksum = "stackyard.dev/secret-checksum";
      assert.ok(annotations(before, "starter-api-pods")[checksum]);
      assert.notEqual(annotations(before, "starter-api-pods")[checksum], annotations(after, "starter-api-pods")[checksum]);
    });
  });

  describe("made from values", () => {
    it("have no name, so that other values roll the pods", async () => {
      const resources = await planned(development);
      assert.equal(nameOf(resources, "starter-api-secret"), undefined);
      assert.equal(variables(resources, "starter-api-pods")["DATABASE_URL"], "<starter-api-secret-made>/DATABASE_URL");
      assert.equal(at(named(resources, "starter-api-secret"), "stringData"), "[secret]");
    });

    it("keep a name that their owner gives, and roll the pods by their checksum", async () => {
      const fixed = (database: string) =>
        planned(given(development, { api: { secretName: "mine", secrets: { DATABASE_URL: pulumi.output(database) } } }));
      const [before, after] = [await fixed("postgresql+asyncpg://app:a@db/app"), await fixed("postgresql+asyncpg://app:b@db/app")];
      assert.equal(nameOf(before, "starter-api-secret"), "mine");
      assert.equal(variables(before, "starter-api-pods")["DATABASE_URL"], "<mine>/DATABASE_URL");
      assert.notDeepEqual(annotations(before, "starter-api-pods"), annotations(after, "starter-api-pods"));
      assert.deepEqual(
        annotations(await fixed("postgresql+asyncpg://app:a@db/app"), "starter-api-pods"),
        annotations(before, "starter-api-pods"),
      );
    });

    it("are refused where the program would refuse them, without being repeated", async () => {
      const gated = given(production, {
        externalSecrets: { enabled: false, api: { data: undefined } },
        api: {
          secrets: {
            DATABASE_URL: "postgres://app:dbpw-11@db/app",
            REDIS_URL: "redis://:rdpw-22@cache:6379/0",
            SECRET_KEY: "k",
            AUTH_PASSWORD_PEPPER: "p",
            AUTH_REFRESH_TOKEN_PEPPER: "r",
          },
        },
      });
      let refused: string[] = [];
      await plan(() => (refused = refusals(() => new Starter("starter", gated))));
      assert.deepEqual(
        refused.map((text) => text.split(":")[0]),
        ["api.secrets.DATABASE_URL", "api.secrets.REDIS_URL"],
      );
      assert.ok(!/dbpw-11|rdpw-22/.test(refused.join()), refused.join());

      const right = { DATABASE_URL: "postgresql+asyncpg://a:b@db/app", REDIS_URL: "rediss://:pw@cache:6380/0" };
      assert.ok(names(await planned(given(gated, { api: { secrets: right } }))).includes("starter-api-secret"));
    });
  });

  describe("that exist", () => {
    const existing = given(production, { api: { secretName: "team-secrets" }, externalSecrets: { api: { data: undefined } } });

    it("are used by name alone: every key becomes a variable, and nothing is made", async () => {
      const resources = await planned(existing);
      assert.deepEqual(containerOf(resources, "starter-api-pods")["envFrom"], [{ secretRef: { name: "team-secrets" } }]);
      assert.deepEqual(containerOf(resources, "starter-migration")["envFrom"], [{ secretRef: { name: "team-secrets" } }]);
      assert.ok(!names(resources).includes("starter-api-secret"));
    });
  });

  it("of the worker are the API's, unless it has its own", async () => {
    const shared = await planned(given(production, { worker: { enabled: true } }));
    assert.equal(variables(shared, "starter-worker-pods")["DATABASE_URL"], variables(shared, "starter-api-pods")["DATABASE_URL"]);

    const data = production.externalSecrets!.api!.data;
    const own = await planned(given(production, { worker: { enabled: true }, externalSecrets: { worker: { data } } }));
    assert.equal(variables(own, "starter-worker-pods")["DATABASE_URL"], "<starter-worker-secret-made>/DATABASE_URL");
  });

  it("that change in place roll the pods where Reloader is asked for, and else it is not", async () => {
    const key = "reloader.stakater.com/auto";
    const asked = async (reloader: boolean) =>
      (at(named(await planned({ ...production, reloader }), "starter-api-pods"), "metadata.annotations") as Record<string, string>)[key];
    assert.equal(await asked(true), "true");
    assert.equal(await asked(false), undefined);
  });
});
