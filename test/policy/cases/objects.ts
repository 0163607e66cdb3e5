import { drop, put, unknown, withField, type Case, type Mutation } from "../case";
import { configMap, deployment } from "./fixtures";

const release = {
  type: "kubernetes:helm.sh/v3:Release",
  name: "chart",
  props: { name: "chart", namespace: "example", chart: "dotdo", version: "0.1.0" },
};
const secret = (name: string): Mutation => ({
  by: `data.${name}`,
  change: put(`data.${name}`, "hunter2"),
  finds: [{ field: `data.${name}`, problem: "is in clear" }],
});

export const objects = {
  "own-namespace": {
    valid: [
      [deployment()],
      [release],
      [{ type: "kubernetes:core/v1:Namespace", name: "example", props: { metadata: { name: "example" } } }],
    ],
    mutations: [
      {
        by: "no namespace",
        change: drop("metadata.namespace"),
        finds: [{ field: "metadata.namespace", problem: 'is "default", and has to be one of its own' }],
      },
      {
        by: "namespace default",
        change: put("metadata.namespace", "default"),
        finds: [{ field: "metadata.namespace", problem: 'is "default", and has to be one of its own' }],
      },
      {
        by: "a release without namespace",
        of: 1,
        change: drop("namespace"),
        finds: [{ field: "namespace", problem: 'is "default", and has to be one of its own' }],
      },
    ],
  },
  "no-secret-in-config-map": {
    valid: [
      [configMap()],
      [withField(configMap(), "data", { token: "", SECRETS_PROVIDER: "aws_sm" })],
      [withField(configMap(), "binaryData", { logo: `AKIA${"1".repeat(16)}` })],
      [{ ...withField(configMap(), "data.token", "hunter2"), type: "kubernetes:core/v1:Secret" }],
    ],
    mutations: [
      secret("R2_SECRET_ACCESS_KEY"),
      secret("db-password"),
      secret("token"),
      {
        by: "a private key in a file",
        change: put('data["tls.pem"]', `-----BEGIN PRIV${"ATE"} KEY-----\nhunter2`),
        finds: [{ field: "data.tls.pem", problem: "is a private key in clear" }],
      },
      {
        by: "binaryData.credentials",
        change: put("binaryData.credentials", "aHVudGVyMg=="),
        finds: [{ field: "binaryData.credentials", problem: "is in clear" }],
      },
      {
        by: "one behind another that is not known yet",
        change: put("data", { a: unknown, token: "hunter2" }),
        finds: [
          { field: "data.token", problem: "is in clear" },
          { field: "data.a", problem: "is not known before the update: not judged yet", unjudged: true },
        ],
      },
    ],
  },
} satisfies Record<string, Case>;
