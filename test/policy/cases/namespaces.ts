import { drop, put, unknown, type Case, type Fixture } from "../case";
import { deployment } from "./fixtures";

const LABEL = "pod-security.kubernetes.io";
const namespace = (enforce = "restricted", annotations?: object): Fixture => ({
  type: "kubernetes:core/v1:Namespace",
  name: "example",
  props: {
    metadata: {
      name: "example",
      labels: { [`${LABEL}/enforce`]: enforce, [`${LABEL}/audit`]: "restricted", [`${LABEL}/warn`]: "restricted" },
      annotations,
    },
  },
});
const meant = (level: string) => ({ "stackyard.dev/pod-security": level });
const label = (mode: string) => `metadata.labels["${LABEL}/${mode}"]`;
const found = (mode: string, is: string, least = "restricted") => [
  { field: `metadata.labels.${LABEL}/${mode}`, problem: `is ${is}, and has to be ${least}` },
];

export const namespaces = {
  "namespace-pod-security": {
    valid: [
      [namespace()],
      [namespace("baseline", meant("baseline"))],
      [namespace("restricted", meant("baseline"))],
      [namespace("privileged", meant("privileged"))],
      [deployment()],
    ],
    mutations: [
      { by: "no such level", change: put(label("enforce"), "lax"), finds: found("enforce", "lax") },
      {
        by: "less than it is meant to enforce",
        of: 1,
        change: put(label("enforce"), "privileged"),
        finds: found("enforce", "privileged", "baseline"),
      },
      {
        by: "no label where the loosest is meant",
        of: 3,
        change: drop(label("enforce")),
        finds: found("enforce", "missing", "privileged"),
      },
      {
        by: "labels that are not known yet",
        change: put("metadata.labels", unknown),
        finds: [{ field: "metadata.labels", problem: "is not known before the update, and has to be" }],
      },
      ...["enforce", "audit", "warn"].flatMap((mode) => [
        { by: `no ${mode}`, change: drop(label(mode)), finds: found(mode, "missing") },
        { by: `${mode} baseline`, change: put(label(mode), "baseline"), finds: found(mode, "baseline") },
      ]),
    ],
  },
} satisfies Record<string, Case>;
