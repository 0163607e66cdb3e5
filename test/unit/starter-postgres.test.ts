import { strict as assert } from "node:assert";
import { Postgres } from "../../components/backing";
import { at, named, plan, valueOf } from "./components/engine";
import { names } from "./starter-given";

const planned = () => plan(() => new Postgres("db", { namespace: "apps" }));

describe("Postgres for development", () => {
  it("runs the official image as its own user, and writes where it can", async () => {
    const resources = await planned();
    const spec = at(named(resources, "db-pods"), "spec.template.spec");
    assert.equal(at(spec, "securityContext.runAsUser"), 999);
    const container = at(spec, "containers.0") as { env: { name: string; value: string }[]; volumeMounts: { mountPath: string }[] };
    assert.equal(at(container, "securityContext.readOnlyRootFilesystem"), true);
    const data = container.env.find(({ name }) => name === "PGDATA")?.value ?? "";
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    // the server refuses a folder that is not its own, and the volume's root is root's
    assert.ok(
      mounts.some((path) => data.startsWith(`${path}/`)),
      data,
    );
    for (const path of ["/tmp", "/var/run/postgresql"]) assert.ok(mounts.includes(path), path);
  });

  it("has a password that was generated and stands nowhere in clear, and gives it to data that was kept", async () => {
    let postgres: Postgres | undefined;
    const resources = await plan(() => (postgres = new Postgres("db", { namespace: "apps" })));
    assert.equal(at(named(resources, "db-secret"), "stringData"), "[secret]");
    const shown = JSON.stringify(resources.map(({ inputs }) => inputs));
    assert.ok(!shown.includes("db-password-made"), "the password is in clear");
    assert.ok(postgres);
    const url = postgres.url("postgresql+asyncpg");
    assert.equal(await valueOf(url), "postgresql+asyncpg://app:db-password-made@db.apps.svc:5432/app");
    assert.ok(await (url as unknown as { isSecret: Promise<boolean> }).isSecret);
    const before = at(named(resources, "db-pods"), "spec.template.spec.initContainers.0");
    assert.match(String((at(before, "command") as string[]).at(-1)), /ALTER ROLE .* PASSWORD/);
  });

  it("keeps its claim", async () => {
    let retained: boolean | undefined;
    await plan(() => new Postgres("db", { namespace: "apps", transform: { claim: (_, opts) => (retained = opts.retainOnDelete) } }));
    assert.equal(retained, true);
    assert.ok(names(await planned()).includes("db-claim"));
  });
});
