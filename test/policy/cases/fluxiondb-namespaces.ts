import { drop, put, unknown, withField, type Case, type Fixture, type Mutation } from "../case";
import { autoscaler, deployment, resource } from "./fixtures";

const parents = ["stackyard:fluxiondb:FluxionDb"];
const byChart = ["stackyard:fluxiondb:FluxionDbChart"];
const labels = { "app.kubernetes.io/name": "fluxiondb" };
const metadata = { name: "fluxiondb", namespace: "fluxiondb-alice" };
const database = resource("apps/v1:StatefulSet", "fluxiondb-alice-database", parents, {
  metadata,
  spec: { template: { metadata: { labels }, spec: { containers: [] } } },
});
const release = resource("helm.sh/v3:Release", "fluxiondb-alice-release", byChart, { name: "fluxiondb", namespace: "fluxiondb-alice" });
const bob = withField({ ...database, name: "fluxiondb-bob-database" }, "metadata.namespace", "fluxiondb-bob");
const quota = resource("core/v1:ResourceQuota", "fluxiondb-alice-quota", parents, { metadata, spec: { hard: { pods: "1" } } });
const fence = resource("networking.k8s.io/v1:NetworkPolicy", "fluxiondb-alice-network-policy", parents, {
  metadata,
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});
const kept = { "stackyard.dev/kept": "true" };
const claim = resource("core/v1:PersistentVolumeClaim", "fluxiondb-alice-claim", parents, {
  metadata: { ...metadata, annotations: kept },
});
const namespace = resource("core/v1:Namespace", "fluxiondb-alice-namespace", parents, {
  metadata: { name: "fluxiondb-alice", annotations: kept },
});
const inAlices = (fixture: Fixture): Fixture => withField(fixture, "metadata.namespace", "fluxiondb-alice");
const scaler = (kind = "autoscaling/v2:HorizontalPodAutoscaler"): Fixture => ({ ...inAlices(autoscaler()), type: `kubernetes:${kind}` });
const bystander = autoscaler();

const beside = (name: string, also: Fixture, title: string, of = 0, more: Mutation["finds"] = []): Mutation => ({
  by: name,
  of,
  change: (stack) => void stack.push(also),
  finds: [{ tenant: "alice", field: "metadata.namespace", problem: `is fluxiondb-alice, which ${title} is in, too` }, ...more],
});
const scaled = (by: string, of: number, also: Fixture, title: string): Mutation => ({
  by,
  of,
  change: (stack) => void stack.push(also),
  finds: [
    {
      resource: also.name,
      tenant: "alice",
      field: "spec.scaleTargetRef",
      problem: `is in the namespace of ${title}, which is never scaled out`,
    },
  ],
});
const unfenced = (by: string, change: Mutation["change"]): Mutation => ({
  by,
  change,
  finds: [{ tenant: "alice", field: "spec.template.metadata.labels", problem: "are taken by no NetworkPolicy" }],
});
const unquotaed = (by: string, change: Mutation["change"], of = 0): Mutation => ({
  by,
  of,
  change,
  finds: [{ tenant: "alice", field: "metadata.namespace", problem: "is fluxiondb-alice, which has no ResourceQuota" }],
});
const lost = (by: string, of: number, change: Mutation["change"]): Mutation => ({
  by,
  of,
  change,
  finds: [{ tenant: "alice", field: "retainOnDelete", problem: "is off, and nothing protects it" }],
});

export const fluxionDbNamespaces = {
  "fluxiondb-one-a-namespace": {
    valid: [[database, bob, claim, quota], [release], [deployment("a"), deployment("b")]],
    mutations: [
      beside("a second database", { ...database, name: "fluxiondb-carol-database" }, "StatefulSet fluxiondb-alice/fluxiondb", 0, [
        {
          resource: "fluxiondb-carol-database",
          tenant: "carol",
          field: "metadata.namespace",
          problem: "is fluxiondb-alice, which StatefulSet fluxiondb-alice/fluxiondb is in, too",
        },
      ]),
      beside("a program of somebody else's", inAlices(deployment()), "Deployment fluxiondb-alice/api"),
      beside("one beside the chart's", inAlices(deployment()), "Deployment fluxiondb-alice/api", 1),
      {
        by: "a namespace that is not known yet",
        change: put("metadata.namespace", unknown),
        finds: [{ field: "metadata.namespace", problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "fluxiondb-not-scaled": {
    valid: [
      [database, bystander],
      [release, bystander],
      [database, { ...scaler(), parents }], // the rule of the component's own says so
      [inAlices(deployment()), scaler()],
    ],
    mutations: [
      scaled("an autoscaler of somebody else's", 0, scaler(), "StatefulSet fluxiondb-alice/fluxiondb"),
      scaled("one beside the chart's", 1, scaler(), "Release fluxiondb-alice/fluxiondb"),
      scaled("KEDA's", 0, scaler("keda.sh/v1alpha1:ScaledObject"), "StatefulSet fluxiondb-alice/fluxiondb"),
    ],
  },
  "fluxiondb-quota": {
    valid: [[database, quota], [release, quota], [deployment()]],
    mutations: [
      unquotaed("no quota", (stack) => void stack.pop()),
      unquotaed("no quota of the chart's", (stack) => void stack.pop(), 1),
      unquotaed("a quota of another namespace", put("metadata.namespace", "fluxiondb-bob", 1)),
    ],
  },
  "fluxiondb-network-policy": {
    valid: [
      [database, fence],
      [database, withField(fence, "spec", { podSelector: { matchLabels: labels } })],
      [database, withField(fence, "spec", {})],
      [release],
      [deployment()],
    ],
    mutations: [
      unfenced("no network policy", (stack) => void stack.pop()),
      unfenced("one of other pods", put("spec.podSelector", { matchLabels: { a: "b" } }, 1)),
      unfenced("one that lets in whoever comes", put("spec.policyTypes", ["Egress"], 1)),
      unfenced("one of another namespace", put("metadata.namespace", "fluxiondb-bob", 1)),
      unfenced("pods without labels, beside one that asks for some", (stack) => {
        put("spec.podSelector", { matchLabels: labels }, 1)(stack);
        drop("spec.template.metadata")(stack);
      }),
    ],
  },
  "fluxiondb-kept": {
    valid: [
      [claim],
      [namespace],
      [withField({ ...claim, protect: true }, "metadata.annotations", {})],
      [withField(quota, "metadata.annotations", {})],
      [withField({ ...claim, parents: [] }, "metadata.annotations", {})],
    ],
    mutations: [
      lost("a claim that goes", 0, put("metadata.annotations", {})),
      lost("a namespace that goes", 1, drop("metadata.annotations")),
      lost("another word", 0, put('metadata.annotations["stackyard.dev/kept"]', "no")),
    ],
  },
} satisfies Record<string, Case>;
