import { drop, put, unknown, type Case, type Fixture } from "../case";
import { deployment } from "./fixtures";
import { changed } from "./wired";

/** A chart of the platform. */
export const release = (values: object = {}, parents?: readonly string[], name = "release"): Fixture => ({
  type: "kubernetes:helm.sh/v3:Release",
  name,
  parents,
  props: {
    name: "loki",
    namespace: "example",
    chart: "loki",
    version: "6.56.1",
    repositoryOpts: { repo: "https://grafana-community.github.io/helm-charts" },
    values,
  },
});
const from = (chart: string, repo?: string) => {
  const [stack] = changed([release()], "chart", chart) as [Fixture];
  return changed([stack], "repositoryOpts", repo === undefined ? undefined : { repo });
};
const ADDRESS = "oci://docker.io/envoyproxy/gateway-helm";

const notAllowed = (source: string) => [{ field: "chart", problem: `is ${source}, and has to be one that is allowed` }];
const version = (given: string) => ({
  by: `version ${given}`,
  change: put("version", given),
  finds: [{ field: "version", problem: `is ${given}, and has to be a whole one` }],
});
const noVersion = [{ field: "version", problem: "is missing, and has to be a whole one" }];

const image = (field: string, given: string) => ({
  by: `${field} ${given}`,
  change: put(`values.${field}`, given),
  finds: [{ field: `values.${field}`, problem: `is "${given}", and has to name a version` }],
});
const inClear = (field: string) => ({
  by: `${field} in clear`,
  change: put(`values.${field}`, "hunter2"),
  finds: [{ field: `values.${field}`, problem: "is in clear" }],
});
const option = (name: string, value: unknown, comes: string) => ({
  by: `${name}: ${JSON.stringify(value)}`,
  change: put(name, value),
  finds: [{ field: name, problem: `is set, which ${comes}` }],
});

export const releases = {
  "chart-allowed": {
    section: { rules: { "chart-allowed": { values: { further: ["https://charts.example.com/*", "oci://example.com/exact"] } } } },
    valid: [
      [release()],
      changed([release()], "repositoryOpts.repo", "https://grafana-community.github.io/helm-charts/"),
      from(ADDRESS),
      from(ADDRESS, ""),
      from("./charts/loki"),
      from("loki", "http://127.0.0.1:8879"),
      from("other", "https://charts.example.com"),
      from("oci://example.com/exact"),
      [deployment()],
    ],
    mutations: [
      { by: "another chart", change: put("chart", "other"), finds: notAllowed("https://grafana-community.github.io/helm-charts/other") },
      {
        by: "another repository",
        change: put("repositoryOpts.repo", "https://charts.example.org"),
        finds: notAllowed("https://charts.example.org/loki"),
      },
      { by: "another address", of: 2, change: put("chart", `${ADDRESS}-2`), finds: notAllowed(`${ADDRESS}-2`) },
      {
        by: "more than what is named",
        of: 7,
        change: put("chart", "oci://example.com/exactly"),
        finds: notAllowed("oci://example.com/exactly"),
      },
      {
        by: "another machine, by an address that looks like this one's",
        of: 5,
        change: put("repositoryOpts.repo", "http://127.0.0.1.example.com:80"),
        finds: notAllowed("http://127.0.0.1.example.com:80/loki"),
      },
      {
        by: "this machine's name inside another address",
        of: 5,
        change: put("repositoryOpts.repo", "https://example.com/http://127.0.0.1:80"),
        finds: notAllowed("https://example.com/http://127.0.0.1:80/loki"),
      },
      {
        by: "a chart that is not known yet",
        change: put("chart", unknown),
        finds: [{ field: "chart", problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "chart-version": {
    valid: [
      [release()],
      changed([release()], "version", "v1.2.3-rc.1+build.5"),
      changed(from("./charts/loki"), "version", undefined),
      changed(from("https://example.com/loki-6.56.1.tgz"), "version", undefined),
      changed(from("https://example.com/loki-v6.56.1-rc.1.tgz"), "version", undefined),
      [deployment()],
    ],
    mutations: [
      { by: "no version", change: drop("version"), finds: noVersion },
      { by: "no version in an archive's name", of: 3, change: put("chart", "https://example.com/loki.tgz"), finds: noVersion },
      { by: "half a version in an archive's name", of: 3, change: put("chart", "https://example.com/loki-6.56.tgz"), finds: noVersion },
      {
        by: "a version in the middle of an address",
        of: 3,
        change: put("chart", "https://example.com/loki-6.56.1.tgz/loki"),
        finds: noVersion,
      },
      ...["^6.56.1", "6.x", "6.56", ">=6.56.1", "latest", "6.56.1 || 7.0.0", "~6.56.1", "6.56.1-"].map(version),
    ],
  },
  "chart-image-tags": {
    valid: [
      [release({ image: { repository: "ghcr.io/a/b", tag: "1.2.3" } })],
      [release({ image: "ghcr.io/a/b:1", sidecars: [{ image: "localhost:5000/a/b:1" }] })],
      [release({ image: "ghcr.io/a/b@sha256:0" })],
      [release({ image: "ghcr.io/a/b", tag: "1" })],
      [release({ image: "", tag: "", imageTag: "1", policy: "latest" })],
      [deployment()],
    ],
    mutations: [
      image("image.tag", "latest"),
      { ...image("imageTag", "latest"), of: 4 },
      { ...image("image", "ghcr.io/a/b:latest"), of: 1 },
      { ...image("image", "ghcr.io/a/b"), of: 1 },
      { ...image("image", "localhost:5000/a/b"), of: 1 },
      {
        by: "an image in a list",
        of: 1,
        change: put("values.sidecars[0].image", "a"),
        finds: [{ field: "values.sidecars[0].image", problem: 'is "a", and has to name a version' }],
      },
      {
        by: "an image beside one that is not known yet",
        of: 1,
        change: (stack) => (put("values.image", unknown)(stack), put("values.sidecars[0].image", "a")(stack)),
        finds: [
          { field: "values.sidecars[0].image", problem: 'is "a", and has to name a version' },
          { field: "values.image", problem: "is not known before the update: not judged yet", unjudged: true },
        ],
      },
    ],
  },
  "chart-secrets": {
    valid: [
      [release({ existingSecret: "a", secretName: "b", password: "", auth: { token: true }, passwordKey: "c", tokenFile: "d" })],
      [release({ api: { secrets: { SECRET_KEY: "a" } }, web: { secrets: { TOKEN: "b" } } }, ["stackyard:starter:StarterChart"])],
      [deployment()],
    ],
    mutations: [
      inClear("password"),
      inClear("auth.adminPassword"),
      inClear("auth.clientSecret"),
      inClear("env.R2_SECRET_KEY"),
      inClear("apiKey"),
      inClear("auth.bearerToken"),
      {
        by: "a URL with a password",
        change: put("values.database", "postgresql://app:hunter2@db/app"),
        finds: [{ field: "values.database", problem: "holds a URL with a password in clear" }],
      },
      { ...inClear("api.env.TOKEN"), of: 1 },
      { ...inClear("other.secrets.TOKEN"), of: 1 },
      {
        by: "another chart's secrets",
        of: 1,
        change: ([first]) => void Object.assign(first!, { parents: [] }),
        finds: [
          { field: "values.api.secrets.SECRET_KEY", problem: "is in clear" },
          { field: "values.web.secrets.TOKEN", problem: "is in clear" },
        ],
      },
    ],
  },
  "chart-options": {
    valid: [[release()], changed([release()], "skipAwait", false), changed([release()], "valueYamlFiles", []), [deployment()]],
    mutations: [
      option("skipAwait", true, "ends the update before anything runs"),
      option("disableOpenapiValidation", true, "has nobody look at the chart's objects before they are made"),
      option("forceUpdate", true, "deletes objects and makes them anew, and what they hold goes with them"),
      option("replace", true, "takes the name of a release that is there, and its objects with it"),
      option("devel", true, "takes versions that are not finished"),
      option("valueYamlFiles", [{}], "has values that no preview and no rule sees"),
    ],
  },
} satisfies Record<string, Case>;
