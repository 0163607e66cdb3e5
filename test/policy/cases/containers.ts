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
const inClear = (name: string): Mutation => ({
  by: `env ${name} with a value`,
  change: put(`${path}env`, [{ name, value: "hunter2" }]),
  finds: [{ container: "api", field: `${path}env`, problem: `holds "${name}" in clear` }],
});
const withImage = (given: string) => [withField(deployment(), `${path}image`, given)];

export const containers = {
  "image-pinned": {
    valid: [[deployment()], withImage(`ghcr.io/a/b@sha256:${"0".repeat(64)}`), withImage("localhost:5000/a/b:1")],
    mutations: [
      image("ghcr.io/a/b"),
      image("ghcr.io/a/b:latest"),
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
  "resources-set": {
    valid: [[deployment()]],
    mutations: [without("requests", "cpu"), without("requests", "memory"), without("limits", "memory")],
  },
  "no-secret-in-env": {
    valid: [[deployment()]],
    mutations: [
      inClear("DATABASE_PASSWORD"),
      inClear("API_KEY"),
      inClear("api-key"),
      inClear("PRIVATE_KEY_ID"),
      inClear("STRIPE_SECRET"),
      inClear("accessKeyId"),
      inClear("TOKEN"),
    ],
  },
} satisfies Record<string, Case>;
