import { strict as assert } from "node:assert";
import { imagePinned, noSecretInClear, resourcesSet } from "../../policy/rules/workloads";
import { changed, judged, unknown } from "./judge";

const container = () => ({
  name: "app",
  image: "registry.example.com:5000/team/app:1.2.3",
  env: [
    { name: "LOG_LEVEL", value: "info" },
    { name: "TOKEN_FILE", value: "/run/token" },
    { name: "EMPTY_TOKEN", value: "" },
  ] as object[],
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } } as object | undefined,
});
const deployment = {
  type: "kubernetes:apps/v1:Deployment",
  name: "app-pods",
  props: { spec: { template: { spec: { initContainers: [container()], containers: [container()] } } } },
};
const podsOf = (props: (typeof deployment)["props"]) => props.spec.template.spec;

/** The same pods under every kind that has some. */
const everywhere = [
  ["apps/v1:StatefulSet", (pods: object) => ({ spec: { template: { spec: pods } } })],
  ["apps/v1:DaemonSet", (pods: object) => ({ spec: { template: { spec: pods } } })],
  ["batch/v1:Job", (pods: object) => ({ spec: { template: { spec: pods } } })],
  ["batch/v1:CronJob", (pods: object) => ({ spec: { jobTemplate: { spec: { template: { spec: pods } } } } })],
  ["core/v1:Pod", (pods: object) => ({ spec: pods })],
] as const;

describe("image-pinned", () => {
  it("takes a tag, and a digest", () => {
    assert.deepEqual(judged(imagePinned, deployment), []);
    const digest = changed(deployment, (props) => void (podsOf(props).containers[0]!.image = `app@sha256:${"0".repeat(64)}`));
    assert.deepEqual(judged(imagePinned, digest), []);
  });

  for (const image of ["app", "app:latest", "registry.example.com:5000/team/app", "registry.example.com:5000/team/app:latest"]) {
    it(`refuses ${image}, in containers and in init containers`, () => {
      for (const part of ["containers", "initContainers"] as const) {
        const moved = changed(deployment, (props) => void (podsOf(props)[part][0]!.image = image));
        assert.match(judged(imagePinned, moved).join(), new RegExp(`Container "app" has image "${image}"`));
      }
    });
  }

  for (const [kind, wrap] of everywhere) {
    it(`looks into the pods of ${kind}`, () => {
      assert.equal(
        judged(imagePinned, { type: `kubernetes:${kind}`, name: "x", props: wrap({ containers: [{ name: "x", image: "app" }] }) }).length,
        1,
      );
    });
  }

  it("says that it could not run where the image is not known yet, and judges the others all the same", () => {
    const mixed = changed(
      deployment,
      (props) =>
        void (podsOf(props).containers = [
          { ...container(), image: unknown },
          { ...container(), image: "app" },
        ]),
    );
    const found = judged(imagePinned, mixed);
    assert.equal(found.length, 2);
    assert.match(found[0] ?? "", /has image "app"/);
    assert.match(found[1] ?? "", /can't be known during preview/);
  });
});

describe("resources-set", () => {
  it("takes a container with requests and a memory limit", () => assert.deepEqual(judged(resourcesSet, deployment), []));

  it("names what a container lacks", () => {
    const limitless = changed(deployment, (props) => void (podsOf(props).containers[0]!.resources = { requests: { cpu: "1" } }));
    assert.match(judged(resourcesSet, limitless).join(), /Container "app" has no requests\.memory, limits\.memory/);
    const bare = changed(deployment, (props) => void (podsOf(props).containers[0]!.resources = undefined));
    assert.match(judged(resourcesSet, bare).join(), /requests\.cpu, requests\.memory, limits\.memory/);
  });
});

describe("no-secret-in-clear", () => {
  const inEnv = (variable: object) => changed(deployment, (props) => void podsOf(props).containers[0]!.env.push(variable));
  const configMap = (data: Record<string, string>) => ({ type: "kubernetes:core/v1:ConfigMap", name: "app-config", props: { data } });

  it("takes variables that are none, and those that come from a Secret", () => {
    assert.deepEqual(judged(noSecretInClear, deployment), []);
    const named = inEnv({ name: "API_KEY", valueFrom: { secretKeyRef: { name: "app", key: "api-key" } } });
    assert.deepEqual(judged(noSecretInClear, named), []);
    assert.deepEqual(judged(noSecretInClear, configMap({ LOG_LEVEL: "info", SECRET_NAME: "app" })), []);
  });

  for (const name of ["API_KEY", "TURSO_TOKEN", "REDIS_PASSWORD", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "db-password", "token"]) {
    it(`refuses ${name} with a value, and does not repeat it`, () => {
      const found = [
        ...judged(noSecretInClear, inEnv({ name, value: "hunter2" })),
        ...judged(noSecretInClear, configMap({ [name]: "hunter2" })),
      ];
      assert.equal(found.length, 2);
      for (const finding of found) assert.ok(finding.includes(`"${name}" in clear`) && !finding.includes("hunter2"));
    });
  }
});
