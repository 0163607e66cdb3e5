import { drop, put, type Case, type Fixture } from "../case";
import { autoscaler, configMap } from "./fixtures";
import { after, changed, chart, deployment, namespace, object } from "./wired";

const ACCOUNT = "spec.template.spec.serviceAccountName";
const account = object("core/v1:ServiceAccount", "worker", {});
const withAccount = (name = "worker") => changed([deployment(), namespace], ACCOUNT, name);

const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
const role = object("rbac.authorization.k8s.io/v1:Role", "reader", {});
const binding = (kind: string): Fixture => ({
  type: `kubernetes:rbac.authorization.k8s.io/v1:${kind}`,
  name: "binding",
  props: {
    metadata: { name: "binding", ...(kind === "RoleBinding" && { namespace: "example" }) },
    roleRef: kind === "RoleBinding" ? roleRef : { ...roleRef, kind: "ClusterRole" },
    subjects: [
      { kind: "ServiceAccount", name: "worker", namespace: "example" },
      { kind: "ServiceAccount", name: "another stack's", namespace: "elsewhere" },
      { kind: "User", name: "anne" },
      { kind: "ServiceAccount", name: "default", ...(kind !== "RoleBinding" && { namespace: "example" }) },
    ],
  },
});

const spec = "spec.template.spec";
const using = (): Fixture[] => {
  const stack = [deployment()];
  put(`${spec}.containers[0].env`, [
    { name: "A", valueFrom: { secretKeyRef: { name: "secret", key: "a" } } },
    { name: "B", valueFrom: { configMapKeyRef: { name: "settings", key: "b" } } },
    { name: "C", value: "c" },
    { name: "D", valueFrom: { secretKeyRef: { name: "nobody's", key: "d", optional: true } } },
  ])(stack);
  put(`${spec}.initContainers[0].envFrom`, [{ secretRef: { name: "secret" } }, { configMapRef: { name: "settings" } }])(stack);
  put(`${spec}.volumes`, [
    { name: "a", secret: { secretName: "secret" } },
    { name: "b", configMap: { name: "settings" } },
    { name: "c", persistentVolumeClaim: { claimName: "claim" } },
    {
      name: "d",
      projected: {
        sources: [{ secret: { name: "secret" } }, { configMap: { name: "settings" } }, { configMap: { name: "kube-root-ca.crt" } }],
      },
    },
    { name: "e", emptyDir: {} },
  ])(stack);
  return stack;
};
const secret = object("core/v1:Secret", "secret", {});
const claim = object("core/v1:PersistentVolumeClaim", "claim", {});
const madeBy = (maker: Fixture) => [...using(), maker, configMap(), claim];
const external = (spec: object, name = "external") => object("external-secrets.io/v1:ExternalSecret", name, spec);
const bundle: Fixture = {
  type: "kubernetes:trust.cert-manager.io/v1alpha1:Bundle",
  name: "bundle",
  props: { metadata: { name: "settings" } },
};

const missing = (kind: string, path: string, container?: string) => ({
  by: `${kind} of ${path}`,
  change: put(`${spec}.${path}`, "nobody's"),
  finds: [
    {
      ...(container && { container }),
      field: `${spec}.${path}`,
      problem: `is "nobody's", and the stack makes no such ${kind} in namespace example`,
    },
  ],
});

export const references = {
  "service-account-exists": {
    valid: [
      [...withAccount(), account],
      withAccount("default"),
      [deployment(), namespace],
      [...withAccount(), chart],
      withAccount().slice(0, 1),
      [autoscaler(), namespace],
    ],
    mutations: [
      {
        by: "an account that nobody makes",
        change: put(ACCOUNT, "other"),
        finds: [{ field: ACCOUNT, problem: 'is "other", and the stack has no such ServiceAccount in namespace example' }],
      },
      {
        by: "an account of another namespace",
        change: put("metadata.namespace", "elsewhere", 2),
        finds: [{ field: ACCOUNT, problem: 'is "worker", and the stack has no such ServiceAccount in namespace example' }],
      },
    ],
  },
  "binding-of-what-exists": {
    valid: [
      [binding("RoleBinding"), role, account, namespace],
      [binding("ClusterRoleBinding"), account, namespace],
      [binding("RoleBinding")],
      [binding("RoleBinding"), namespace, chart],
      [{ ...binding("OtherBinding"), props: { ...binding("RoleBinding").props } }, namespace],
    ],
    mutations: [
      {
        by: "no such Role",
        change: put("roleRef.name", "writer"),
        finds: [{ field: "roleRef.name", problem: 'is "writer", and the stack has no such Role in namespace example' }],
      },
      {
        by: "no such account",
        change: put("subjects[0].name", "other"),
        finds: [{ field: "subjects[0].name", problem: 'is "other", and the stack has no such ServiceAccount in namespace example' }],
      },
      {
        by: "no such account in its own namespace",
        change: (stack) => (put("subjects[3].name", "other")(stack), drop("subjects[3].namespace")(stack)),
        finds: [{ field: "subjects[3].name", problem: 'is "other", and the stack has no such ServiceAccount in namespace example' }],
      },
      {
        by: "no such account, for the whole cluster",
        of: 1,
        change: put("subjects[0].name", "other"),
        finds: [{ field: "subjects[0].name", problem: 'is "other", and the stack has no such ServiceAccount in namespace example' }],
      },
    ],
  },
  "pod-references-exist": {
    valid: [
      madeBy(secret),
      madeBy(external({ target: { name: "secret" } })),
      madeBy(external({}, "secret")),
      madeBy(object("cert-manager.io/v1:Certificate", "certificate", { secretName: "secret" })),
      madeBy(object("bitnami.com/v1alpha1:SealedSecret", "secret", {})),
      [...using(), secret, claim, bundle],
      [...using(), chart],
      [autoscaler()],
      [deployment()],
    ],
    mutations: [
      missing("Secret", "containers[0].env[0].valueFrom.secretKeyRef.name", "api"),
      missing("ConfigMap", "containers[0].env[1].valueFrom.configMapKeyRef.name", "api"),
      missing("Secret", "initContainers[0].envFrom[0].secretRef.name", "first"),
      missing("ConfigMap", "initContainers[0].envFrom[1].configMapRef.name", "first"),
      missing("Secret", "volumes[0].secret.secretName"),
      missing("ConfigMap", "volumes[1].configMap.name"),
      missing("PersistentVolumeClaim", "volumes[2].persistentVolumeClaim.claimName"),
      missing("Secret", "volumes[3].projected.sources[0].secret.name"),
      missing("ConfigMap", "volumes[3].projected.sources[1].configMap.name"),
      {
        by: "a Secret that is not optional",
        change: put(`${spec}.containers[0].env[3].valueFrom.secretKeyRef.optional`, false),
        finds: missing("Secret", "containers[0].env[3].valueFrom.secretKeyRef.name", "api").finds,
      },
      {
        by: "a Secret that only another namespace has",
        of: 8,
        change: (stack) => {
          put(`${spec}.containers[0].envFrom`, [{ secretRef: { name: "nobody's" } }])(stack);
          stack.push(...after([object("core/v1:Secret", "nobody's", {})], put("metadata.namespace", "elsewhere")));
        },
        finds: missing("Secret", "containers[0].envFrom[0].secretRef.name", "api").finds,
      },
      {
        by: "a Secret of a claim's name",
        of: 8,
        change: (stack) => {
          put(`${spec}.volumes`, [{ name: "a", persistentVolumeClaim: { claimName: "nobody's" } }])(stack);
          stack.push(external({}, "nobody's"));
        },
        finds: missing("PersistentVolumeClaim", "volumes[0].persistentVolumeClaim.claimName").finds,
      },
    ],
  },
  "one-object": {
    valid: [
      [
        deployment(),
        deployment("other"),
        { ...deployment(), name: "elsewhere", props: { metadata: { name: "api", namespace: "elsewhere" } } },
      ],
      [
        object("cert-manager.io/v1:Certificate", "one", {}),
        { ...object("certificates.example.com/v1:Certificate", "one", {}), name: "another's" },
      ],
      [secret, { ...secret, name: "generated", props: { metadata: { namespace: "example" } } }],
      [
        chart,
        { ...chart, name: "second", props: { ...chart.props, metadata: { name: "chart" } } },
        { ...chart, name: "third", props: { ...chart.props, metadata: { name: "chart" } } },
      ],
    ],
    mutations: [
      {
        by: "another of its name",
        change: (stack) => void stack.push({ ...deployment(), name: "second" }),
        finds: [{ resource: "second", field: "metadata.name", problem: 'is "api", as that of resource "api"' }],
      },
      {
        by: "another of its name in an older version",
        change: (stack) => void stack.push({ ...deployment(), name: "second", type: "kubernetes:apps/v1beta1:Deployment" }),
        finds: [{ resource: "second", field: "metadata.name", problem: 'is "api", as that of resource "api"' }],
      },
      {
        by: "another of the core group",
        of: 2,
        change: put("metadata.name", "secret", 1),
        finds: [{ resource: "generated", field: "metadata.name", problem: 'is "secret", as that of resource "secret"' }],
      },
    ],
  },
} satisfies Record<string, Case>;
