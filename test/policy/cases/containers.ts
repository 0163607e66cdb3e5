import { drop, put, unknown, withField, type Case, type Mutation } from "../case";
import { container, deployment } from "./fixtures";

const path = "spec.template.spec.containers[0].";
const image = (given: string): Mutation => ({
  by: `image ${given}`,
  change: put(`${path}image`, given),
  finds: [{ container: "api", field: `${path}image`, problem: `is "${given}", and has to name a version` }],
});
const without = (kind: "requests" | "limits", resource: "cpu" | "memory"): Mutation => ({
  by: `no ${kind}.${resource}`,
  change: drop(`${path}resources.${kind}.${resource}`),
  finds: [{ container: "api", field: `${path}resources.${kind}.${resource}`, problem: "is missing" }],
});
const from = (given: string, whole = given): Mutation => ({
  by: `image ${given}`,
  change: put(`${path}image`, given),
  finds: [
    {
      container: "api",
      field: `${path}image`,
      problem: `is "${whole}", and has to be of ghcr.io or localhost:5000/team or docker.io/library`,
    },
  ],
});
const pulled = (given: string): Mutation => ({
  by: `imagePullPolicy ${given}`,
  change: put(`${path}imagePullPolicy`, given),
  finds: [{ container: "api", field: `${path}imagePullPolicy`, problem: `is ${given}, and has to be Always` }],
});
const withImage = (given: string) => [withField(deployment(), `${path}image`, given)];

export const containers = {
  "image-pinned": {
    valid: [[deployment()], withImage(`ghcr.io/a/b@sha256:${"0".repeat(64)}`), withImage("localhost:5000/a/b:1")],
    mutations: [
      image("ghcr.io/a/b"),
      image("ghcr.io/a/b:latest"),
      {
        by: "no image",
        change: drop(`${path}image`),
        finds: [{ container: "api", field: `${path}image`, problem: 'is "", and has to name a version' }],
      },
      image("localhost:5000/a/b"),
      {
        by: "an init container's image, beside one that is not known yet",
        change: put("spec.template.spec.initContainers", [
          { ...container("first"), image: unknown },
          { ...container("second"), image: "a" },
        ]),
        finds: [
          { container: "second", field: "spec.template.spec.initContainers[1].image", problem: 'is "a", and has to name a version' },
          { field: "spec.template.spec.initContainers.0.image", problem: "is not known before the update: not judged yet", unjudged: true },
        ],
      },
    ],
  },
  "image-registry": {
    valid: [
      withImage("ghcr.io/example/api:1"),
      withImage("localhost:5000/team/api:1"),
      withImage("docker.io/library/redis:7"),
      withImage("redis:7"),
    ],
    section: { rules: { "image-registry": { values: { allowed: ["ghcr.io", "localhost:5000/team", "docker.io/library"] } } } },
    mutations: [
      from("docker.io/bitnami/redis:7"),
      from("bitnami/redis:7", "docker.io/bitnami/redis:7"),
      from("localhost/api:1"),
      from("localhost:5000/teams/api:1"),
      from("ghcr.io.example.com/api:1"),
      from("quay.io/ghcr.io/api:1"),
    ],
  },
  "image-pull-policy": {
    valid: [[withField(withField(deployment(), `${path}imagePullPolicy`, "Always"), "spec.template.spec.initContainers", [])]],
    section: { rules: { "image-pull-policy": { values: { required: true } } } },
    mutations: [pulled("IfNotPresent"), pulled("Never"), { ...pulled("missing"), change: drop(`${path}imagePullPolicy`) }],
  },
  "resources-set": {
    valid: [
      [deployment()],
      [withField(deployment(), "spec.template.spec.ephemeralContainers", [{ name: "debugger", image: "ghcr.io/example/debugger:1" }])],
    ],
    mutations: [
      without("requests", "cpu"),
      without("requests", "memory"),
      without("limits", "cpu"),
      without("limits", "memory"),
      {
        by: "an init container with none",
        change: drop("spec.template.spec.initContainers[0].resources"),
        finds: ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].map((part) => ({
          container: "first",
          field: `spec.template.spec.initContainers[0].resources.${part}`,
          problem: "is missing",
        })),
      },
    ],
  },
} satisfies Record<string, Case>;
