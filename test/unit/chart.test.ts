import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { Dotdo } from "../../components/dotdo";
import { DotdoChart, type DotdoChartArgs } from "../../components/dotdo/chart";
import { DotdoChartSource } from "../../components/dotdo/chart-options";
import { FluxionDb } from "../../components/fluxiondb";
import { FluxionDbChart } from "../../components/fluxiondb/chart";
import { managedIn, managedPaths } from "../../components/kubernetes/chart-managed";
import { Plinko } from "../../components/plinko";
import { PlinkoChart } from "../../components/plinko/chart";
import { Starter } from "../../components/starter";
import { StarterChart } from "../../components/starter/chart";
import { dotdo, fluxiondb, plinko, plinkoOptions, starter, starterExternal } from "./chart-given";
import { at, named, plan, refusals, valueOf, type Planned } from "./components/engine";
import { given } from "./starter-given";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NGINX = "nginx.ingress.kubernetes.io";
const releaseOf = (planned: readonly Planned[]): Planned =>
  planned.find(({ type }) => type === RELEASE) ?? assert.fail("no release is planned");
// among mocks a secret inside a value hides all of it
const valuesOf = (planned: readonly Planned[]) => at(releaseOf(planned).values, "values");
const dotdoBy = (changes: unknown = {}) => plan(() => new DotdoChart("dotdo", given<DotdoChartArgs>(dotdo, changes)));

describe("a chart component", function () {
  this.timeout("30s");

  it("makes one release that is installed whole or not at all, from where its owner says", async () => {
    const inputs = releaseOf(await dotdoBy()).inputs as Record<string, unknown>;
    assert.deepEqual(
      [inputs["name"], inputs["namespace"], inputs["chart"], inputs["atomic"], inputs["cleanupOnFail"], inputs["allowNullValues"]],
      ["dotdo", "dotdo", "./chart", true, true, true],
    );
    const from = async (chart: unknown) => {
      const {
        chart: name,
        version,
        repositoryOpts,
      } = releaseOf(await plan(() => new DotdoChart("dotdo", { ...dotdo, chart } as DotdoChartArgs))).inputs as Record<string, unknown>;
      return { name, version, repositoryOpts };
    };
    assert.deepEqual(await from({ repository: "https://charts.example.com", version: "1.2.3" }), {
      name: "dotdo",
      version: "1.2.3",
      repositoryOpts: { repo: "https://charts.example.com" },
    });
    assert.deepEqual(await from({ oci: "oci://registry.example.com/charts/dotdo", version: "1.2.3" }), {
      name: "oci://registry.example.com/charts/dotdo",
      version: "1.2.3",
      repositoryOpts: undefined,
    });
  });

  it("has the outputs of the component of single objects", async () => {
    const single = <Args extends { readonly chart: unknown }>(args: Args): Omit<Args, "chart" | "transform"> =>
      given(args, { chart: undefined });
    const fieldsOf = async (make: () => pulumi.ComponentResource) => {
      let made: pulumi.ComponentResource | undefined;
      await plan(() => (made = make()));
      const known = Object.entries(made ?? {}).filter(([name]) => !name.startsWith("__") && name !== "urn");
      return Object.fromEntries(
        await Promise.all(known.map(async ([name, value]) => [name, await valueOf(pulumi.output(value as string))] as const)),
      );
    };
    const pairs: [chart: () => pulumi.ComponentResource, objects: () => pulumi.ComponentResource, own: string[]][] = [
      [() => new DotdoChart("d", dotdo), () => new Dotdo("d", single(dotdo)), []],
      [() => new FluxionDbChart("f", fluxiondb), () => new FluxionDb("f", single(fluxiondb)), []],
      [() => new PlinkoChart("p", plinko), () => new Plinko("p", plinkoOptions), ["jobs", "claim", "address"]],
      [() => new StarterChart("s", starter), () => new Starter("s", single(starter)), []],
    ];
    for (const [chart, objects, own] of pairs) {
      const [ofChart, ofObjects] = [await fieldsOf(chart), await fieldsOf(objects)];
      assert.deepEqual(Object.keys(ofChart).sort(), Object.keys(ofObjects).sort());
      for (const name of Object.keys(ofObjects).filter((name) => !own.includes(name)))
        assert.deepEqual(ofChart[name], ofObjects[name], name);
    }
  });

  it("names all that its chart cannot express at once, before anything is planned", () => {
    const wrong = given<DotdoChartArgs>(dotdo, {
      drain: { maxSeconds: 60 },
      home: "/elsewhere",
      env: { MINE: "1" },
      labels: { team: "a" },
    });
    const found = refusals(() => new DotdoChart("dotdo", wrong));
    assert.deepEqual(found.map((line) => line.split(": ")[0]).sort(), ["drain.maxSeconds", "env.MINE", "home", "labels.team"]);
    assert.match(found.join("\n"), /drain\.maxSeconds: cannot be had of the chart: its pods have no preStop hook.* Leave it at 3600/);
  });

  it("names what its chart does not do at all although nobody asked for it", () => {
    const unaware = given(starter, { migrations: undefined });
    assert.deepEqual(
      refusals(() => new StarterChart("starter", unaware)),
      ["migrations.enabled: cannot be had of the chart: it runs no migration: run it yourself before each up. Set it to false"],
    );
    const open = given(plinko, { networkPolicy: { enabled: true }, namespace: { podSecurity: "restricted" } });
    assert.deepEqual(
      refusals(() => new PlinkoChart("plinko", open)).map((line) => line.split(": ")[0]),
      ["networkPolicy.enabled", "namespace.podSecurity"],
    );
  });

  it("hides every secret from preview and policies, dotdo's and FluxionDB's from Helm, too", async () => {
    const planned = [
      ...(await dotdoBy()),
      ...(await plan(() => new FluxionDbChart("alice", fluxiondb))),
      ...(await plan(() => new StarterChart("starter", starter))),
    ];
    const seen = JSON.stringify(planned.map(({ inputs }) => inputs));
    for (const value of ["token-7f31", "key-91b2", "pw-2f6c"]) assert.ok(!seen.includes(value), value);
    const helm = JSON.stringify(planned.filter(({ type }) => type === RELEASE).map(({ values }) => values));
    assert.deepEqual(
      ["token-7f31", "key-91b2", "pw-2f6c"].map((value) => helm.includes(value)),
      [false, false, true],
    );
  });
});

describe("the values of a chart", function () {
  this.timeout("30s");

  it("of dotdo leave one hash, by URI, and the rest to the objects beside it", async () => {
    const planned = await dotdoBy();
    const annotations = at(valuesOf(planned), "ingress.annotations") as Record<string, unknown>;
    assert.equal(annotations[`${NGINX}/upstream-hash-by`], "$request_uri");
    assert.equal(annotations[`${NGINX}/affinity`], null);
    assert.equal(
      (at(named(planned, "dotdo-by-id-ingress"), "metadata.annotations") as Record<string, string>)[`${NGINX}/upstream-hash-by`],
      "$http_x_do_id",
    );
  });

  it("of dotdo leave no hash, not the chart's own either, where routing is none", async () => {
    const annotations = at(valuesOf(await dotdoBy({ ingress: { routing: "none" } })), "ingress.annotations") as Record<string, unknown>;
    assert.deepEqual([annotations[`${NGINX}/upstream-hash-by`], annotations[`${NGINX}/affinity`]], [null, null]);
  });

  it("of dotdo make writable what the chart does not, each folder once", async () => {
    const mounts = at(valuesOf(await dotdoBy()), "extraVolumeMounts") as { mountPath: string }[];
    assert.deepEqual(
      mounts.map(({ mountPath }) => mountPath),
      ["/home/dotdo", "/app/.wrangler", "/app/data"],
    );
  });

  it("of dotdo keep a budget of none as one, for a zero counts as not set", async () => {
    const values = valuesOf(await dotdoBy({ podDisruptionBudget: { maxUnavailable: 0 } }));
    assert.deepEqual(at(values, "podDisruptionBudget"), { enabled: true, minAvailable: null, maxUnavailable: "0%" });
  });

  it("of FluxionDB follow from the RAM, and a claim of ours outlives the release", async () => {
    const planned = await plan(() => new FluxionDbChart("alice", fluxiondb));
    assert.deepEqual(at(valuesOf(planned), "resources.limits.memory"), "1Gi");
    assert.equal(at(valuesOf(planned), "persistence.existingClaim"), "fluxiondb");
    assert.equal(at(named(planned, "alice-claim"), "spec.resources.requests.storage"), "2Gi");
    assert.equal(at(named(planned, "alice-quota"), "spec.hard.pods"), "2");
    assert.equal(at(valuesOf(await plan(() => new FluxionDbChart("alice", { ...fluxiondb, suspended: true }))), "replicaCount"), 0);
  });

  it("of Plinko write large numbers as text, and select nodes that exist", async () => {
    const values = valuesOf(await plan(() => new PlinkoChart("plinko", plinko)));
    for (const path of ["ethMock.config.accounts", "dbGenerator.config.dbSize", "plinkoPirServer.config.dbSize"])
      assert.equal(at(values, path), "8388608", path);
    assert.deepEqual(at(values, "nodeSelector"), { "kubernetes.io/hostname": null });
  });

  it("of the starter give no variable twice, and the worker what the API has", async () => {
    const values = valuesOf(await plan(() => new StarterChart("starter", given(starter, { api: { env: { OWN: "1" } } }))));
    const variables = (component: string) => Object.keys(at(values, `${component}.env`) as object);
    assert.ok(variables("worker").includes("OWN"));
    for (const component of ["api", "web", "worker"]) assert.ok(!variables(component).includes("PORT"));
    assert.ok(!variables("worker").includes("BILLING_RETRY_DEPLOYMENT_MODE"));
    const external = valuesOf(await plan(() => new StarterChart("starter", starterExternal)));
    assert.deepEqual(at(external, "externalSecrets.worker.data"), { DATABASE_URL: "prod/database_url" });
  });

  it("of the starter change with its secrets, so that pods roll", async () => {
    const checksum = async (password: string) => {
      const secrets = { DATABASE_URL: `postgresql+asyncpg://app:${password}@db/app` };
      const values = valuesOf(await plan(() => new StarterChart("starter", given(starter, { api: { secrets } }))));
      return (at(values, "api.podAnnotations") as Record<string, string>)["stackyard.dev/secret-checksum"];
    };
    assert.match((await checksum("one")) ?? "", /^[0-9a-f]{16}$/);
    assert.notEqual(await checksum("one"), await checksum("two"));
  });
});

describe("where a chart is", () => {
  const problems = (chart: unknown) =>
    (DotdoChartSource.safeParse(chart).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

  it("is one place, with a whole version unless it is a path", () => {
    assert.deepEqual(problems({ path: "./charts/dotdo" }), []);
    assert.deepEqual(problems({ repository: "https://charts.example.com/stable", version: "1.2.3-rc.1" }), []);
    assert.match(problems({}).join(), /^path: is missing: name the chart by one of path, repository and oci/);
    assert.match(problems({ oci: "oci://registry.example.com/dotdo" }).join(), /^version: is missing/);
    assert.match(
      problems({ repository: "https://charts.example.com", version: "1.x" }).join(),
      /^version: "1\.x" is no version of a chart/,
    );
    assert.match(problems({ path: "./a", oci: "oci://registry.example.com/a" }).join(), /^oci: is not used beside chart\.path/);
    assert.match(problems({ path: "./a", version: "1.2.3" }).join(), /^version: is not used beside chart\.path/);
  });

  it("holds no password", () => {
    assert.match(problems({ repository: "https://me:pw@charts.example.com", version: "1.2.3" }).join(), /without user and password/);
  });
});

describe("who made what runs", () => {
  const place = { namespace: "dotdo-dev", app: "dotdo", instance: "dotdo", release: "dotdo" };
  const object = (name: string, labels: Record<string, string>, annotations: Record<string, string> = {}) => ({
    metadata: { name, namespace: "dotdo-dev", labels, annotations },
  });
  const ours = { "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" };
  const found = (...items: unknown[]) => managedIn([{ items }, { items: [] }, { items: [] }], place);

  it("is told by what Helm writes on its objects, and by our labels", () => {
    assert.deepEqual(found(object("dotdo", ours)), [{ by: "objects", object: "Deployment dotdo-dev/dotdo" }]);
    assert.deepEqual(found(object("dotdo", {}, { "meta.helm.sh/release-name": "dotdo" })), [
      { by: "chart", object: "Deployment dotdo-dev/dotdo" },
    ]);
    assert.deepEqual(
      found(object("fluxiondb", ours, { "stackyard.dev/layout": "chart" })).map(({ by }) => by),
      ["chart"],
    );
  });

  it("is nobody's business where it is another's", () => {
    assert.deepEqual(found(object("dotdo-libsql", { ...ours, "app.kubernetes.io/name": "libsql" })), []);
    assert.deepEqual(found(object("other", {}, { "meta.helm.sh/release-name": "other" })), []);
    assert.deepEqual(found({ metadata: { ...object("dotdo", ours).metadata, namespace: "elsewhere" } }), []);
  });

  it("is asked for in one namespace, or by name in all", () => {
    assert.deepEqual(managedPaths({ namespace: "a" }), [
      "/apis/apps/v1/namespaces/a/deployments",
      "/apis/apps/v1/namespaces/a/statefulsets",
      "/api/v1/namespaces/a/persistentvolumeclaims",
    ]);
    assert.equal(managedPaths({ object: "fluxiondb" })[1], "/apis/apps/v1/statefulsets?fieldSelector=metadata.name%3Dfluxiondb");
  });
});
