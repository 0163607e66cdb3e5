import { execa } from "execa";
import { strict as assert } from "node:assert";

/** What is typed for a command of a page, and what it says. */
export interface Run {
  readonly says: RegExp;
  /** What is typed before it. */
  readonly first?: string;
  /** What stands in the place of what it leaves open. */
  readonly as?: Readonly<Record<string, string>>;
  /** What a reader adds to it. */
  readonly more?: string;
  /** It ends with an error: `kubectl diff` where it found something, and others where a container would answer, as none runs in the sandbox. */
  readonly fails?: true;
}

const CONFIG = '"$PULUMI_OPTION_CONFIG_FILE"';
const noLogs = (container: string, pod: string): Run => ({
  says: new RegExp(`no logs found for container "${container}" in pod "${pod}`),
  fails: true,
});
const NO_EXEC: Run = {
  says: /no exec found for container "postgres" in pod "starter-dev\/starter-postgres-0"/,
  as: { "<namespace>": "starter-dev", "app.sql": '"$folder/app.sql"' },
  fails: true,
};
const gone = (user: string) => ({
  first: `user=${user}; kubectl create namespace fluxiondb-${user}`,
  more: "--wait=false",
  says: /namespace "fluxiondb-\w+" deleted/,
});
const jobOf = (system: string, name: string) => `$(kubectl --namespace ${system}-dev get jobs --output name | grep ${name})`;
const PINNED = "ghcr.io/org/starter-api:1.3.0";

/**
 * Commands that pages show, in this order on a sandbox where `dev` is up and on a stack's file that a test may change. Those that a runbook says without `kubectl` and the
 * namespace begin with its name.
 */
export const ON_DEV: Readonly<Record<string, Run>> = {
  "pulumi stack output dns": { says: /^\[\]$/m },
  "pulumi stack output kept": { says: /"kind":"PersistentVolumeClaim","name":"fluxiondb","namespace":"fluxiondb-alice"/ },
  "pulumi stack output fluxiondb": { says: /"alice":.*"clientLabels":/ },
  "pulumi stack history": { says: /^UpdateKind: update\nStatus: succeeded/m },
  "pulumi stack tag ls": { first: "pulumi stack tag set stackyard:release-1 done", says: /^stackyard:release-1 +done$/m },
  "pulumi stack export --show-secrets": { says: /"plaintext": "/ },
  "pulumi stack import --file <file>": {
    first: 'pulumi stack export --file "$folder/state.json"',
    as: { "<file>": '"$folder/state.json"' },
    says: /Import complete/,
  },
  "pulumi cancel --yes": { says: /update for 'dev' has been canceled/ },
  "pulumi state unprotect": { more: "--all --yes", says: /[Uu]nprotected/ },
  "pulumi plugin install": { more: "&& pulumi plugin ls", says: /kubernetes +resource/ },

  "kubectl get httproutes,listenersets -A": { says: /No resources found/ },
  "kubectl get pvc --namespace fluxiondb-<user>": { as: { "<user>": "alice" }, says: /^fluxiondb +Bound/m },
  "kubectl get namespaces --selector app.kubernetes.io/name=fluxiondb": { says: /^fluxiondb-alice +Active/m },
  "kubectl get clustersecretstores": { says: /No resources found/ },
  "kubectl annotate storageclass <class> stackyard.dev/access-modes=ReadWriteOnce,ReadWriteMany": {
    first: `echo '{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"files"},"provisioner":"files.example.com"}' | kubectl create --filename -`,
    as: { "<class>": "files" },
    says: /storageclass\.storage\.k8s\.io\/files annotated/,
  },
  "kubectl -n dotdo-fly create secret docker-registry fly-registry --docker-server registry.fly.io --docker-username x --docker-password <token>":
    {
      first: "kubectl create namespace dotdo-fly",
      as: { "<token>": "a-token" },
      more: "&& kubectl delete namespace dotdo-fly", // which a stack makes
      says: /secret\/fly-registry created/,
    },

  "dotdo: get secrets": { says: /^dotdo-\S+ +Opaque/m },
  "dotdo: get pods": { says: /^dotdo-\S+ +1\/1 +Running/m },
  "dotdo: get ingress": { says: /dotdo\.localhost +192\.0\.2\./ },
  "dotdo: get httproutes,listenersets,backendtrafficpolicies,certificates": { says: /No resources found in dotdo-dev/ },
  "dotdo: describe pods": { says: /Image: +ghcr\.io\/dot-do\/dotdo:0\.1\.0/ },
  "dotdo: describe hpa": { says: /Reference: +Deployment\/dotdo/ },
  "dotdo: describe externalsecrets": { says: /No resources found in dotdo-dev/ },
  "dotdo: logs deployment/dotdo --tail 50": noLogs("dotdo", "dotdo-dev/dotdo-"),
  "dotdo: logs deployment/dotdo --previous": noLogs("dotdo", "dotdo-dev/dotdo-"),
  "dotdo: delete pod <pod> --grace-period 30": {
    as: { "<pod>": "$(kubectl --namespace dotdo-dev get pods --output name | grep -o 'dotdo-[0-9a-f]*-.....$' | head -1)" },
    says: /pod "dotdo-\S+" deleted/,
  },
  "dotdo: rollout restart deployment/dotdo": { says: /deployment\.apps\/dotdo restarted/ },

  "fluxiondb: describe pods": { says: /Image: +\S+\/fluxiondb:1\.0\.3/ },
  "fluxiondb: describe statefulset fluxiondb": { says: /Replicas: +1 desired/ },
  "fluxiondb: logs fluxiondb-0 --previous": noLogs("fluxiondb", "fluxiondb-alice/fluxiondb-0"),
  "kubectl -n fluxiondb-<user> rollout restart statefulset fluxiondb": { as: { "<user>": "alice" }, says: /fluxiondb restarted/ },

  "kubectl -n <namespace> describe jobs": { as: { "<namespace>": "plinko-dev" }, says: /Name: +plinko-db-generator-/ },
  "plinko: get hpa": { says: /^plinko-pir-server +Deployment\/plinko-pir-server/m },
  "plinko: get httproutes,listenersets,backendtrafficpolicies,certificates": { says: /No resources found in plinko-dev/ },
  "plinko: describe hpa": { says: /Reference: +Deployment\/plinko-pir-server/ },
  "plinko: describe pvc": { says: /Status: +Bound/ },
  "plinko: describe pods": { says: /Init Containers:\n +wait-for-/ },
  "plinko: logs job/plinko-db-generator-<hash> --all-containers": {
    ...noLogs("\\S+", "plinko-dev/plinko-db-generator-"),
    as: { "job/plinko-db-generator-<hash>": jobOf("plinko", "db-generator") },
  },
  "plinko: logs job/<name> --all-containers": {
    ...noLogs("\\S+", "plinko-dev/plinko-hint-generator-"),
    as: { "job/<name>": jobOf("plinko", "hint-generator") },
  },
  "plinko: logs deployment/<name> --previous": {
    ...noLogs("\\S+", "plinko-dev/plinko-pir-server-"),
    as: { "<name>": "plinko-pir-server" },
  },

  "starter: get pods": { says: /^starter-api-\S+ +1\/1 +Running/m },
  "starter: get httproutes,listenersets,backendtrafficpolicies,certificates": { says: /No resources found in starter-dev/ },
  "starter: describe hpa": { says: /Reference: +Deployment\/starter-web/ },
  "starter: describe externalsecrets": { says: /No resources found in starter-dev/ },
  "starter: logs deployment/<name> --previous": { ...noLogs("\\S+", "starter-dev/starter-api-"), as: { "<name>": "starter-api" } },
  "starter: logs job/<name>": { ...noLogs("\\S+", "starter-dev/starter-migrate-"), as: { "job/<name>": jobOf("starter", "migrate") } },
  "starter: logs job/starter-migrate-<tag>-<hash>": {
    ...noLogs("\\S+", "starter-dev/starter-migrate-"),
    as: { "job/starter-migrate-<tag>-<hash>": jobOf("starter", "migrate-dev-") },
  },
  "kubectl -n <namespace> exec statefulset/starter-postgres -- pg_dump --username app app > app.sql": NO_EXEC,
  "kubectl -n <namespace> exec --stdin statefulset/starter-postgres -- psql --username app app < app.sql": NO_EXEC,
  "kubectl -n <namespace> rollout restart deployment/<name>-api": {
    as: { "<namespace>": "starter-dev", "<name>": "starter" },
    says: /starter-api restarted/,
  },

  "kubectl rollout restart": { more: "--namespace plinko-dev deployment/plinko-eth-mock", says: /plinko-eth-mock restarted/ },
  "kubectl rollout undo": {
    first: "kubectl rollout status --namespace plinko-dev deployment/plinko-eth-mock",
    more: "--namespace plinko-dev deployment/plinko-eth-mock",
    says: /plinko-eth-mock rolled back/,
  },
  "kubectl edit service": {
    first: `kubectl --namespace starter-dev patch service starter-web --type json --patch '[{"op":"replace","path":"/spec/ports/0/port","value":3001}]'
export KUBE_EDITOR="sed -i 's/port: 3001/port: 3000/'"`,
    more: "--namespace starter-dev starter-web",
    says: /service\/starter-web edited/,
  },
  "kubectl get <kind> <name> --output yaml --show-managed-fields": {
    as: { "<kind>": "service", "<name>": "starter-web" },
    more: "--namespace starter-dev",
    says: /manager: kubectl-edit/,
  },
  "kubectl delete backup": {
    first: `kubectl create namespace velero
echo '{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"old","namespace":"velero"}}' | kubectl create --filename -`,
    more: "--namespace velero old",
    says: /backup\.velero\.io "old" deleted/,
  },
  'kubectl delete pv "$volume"': {
    first: `volume=old
echo '{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"old"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/none"}}}' | kubectl create --filename -`,
    says: /persistentvolume "old" deleted/,
  },
  'kubectl delete namespace "fluxiondb-$user"': gone("one"),
  "kubectl delete namespace fluxiondb-<user>": { ...gone("two"), as: { "<user>": "two" } },
  "kubectl delete namespace": { ...gone("three"), more: "fluxiondb-three --wait=false" },

  "helm upgrade --install --wait": {
    first: 'helm create "$folder/chart"',
    more: 'tried "$folder/chart" --namespace tried --create-namespace',
    says: /STATUS: deployed/,
  },
  "helm upgrade --dry-run=server": { more: 'tried "$folder/chart" --namespace tried --set replicaCount=2', says: /replicas: 2/ },
  "kubectl diff --server-side": {
    first: 'kubectl create configmap tried --from-literal key=new --dry-run=client --output yaml > "$folder/tried.yaml"',
    more: '--filename "$folder/tried.yaml"',
    says: /^\+ +key: new$/m,
    fails: true,
  },

  "pulumi config set --path stackyard:fluxiondb.tenants.<user>.ram 8Gi": {
    as: { "<user>": "alice" },
    more: "&& pulumi config get --path stackyard:fluxiondb.tenants.alice.ram",
    says: /^8Gi$/m,
  },
  "pulumi config set --stack dev --path 'stackyard:fluxiondb.tenants.alice.ram' 8Gi": {
    more: "&& pulumi config get --path stackyard:fluxiondb.tenants.alice.ram",
    says: /^8Gi$/m,
  },
  "pulumi config set --stack dev --path 'stackyard:dotdo.service.port' 8787": { more: `&& cat ${CONFIG}`, says: /port: 8787$/m },
  "pulumi config rm --stack dev --path 'stackyard:dotdo.ingres'": {
    first: "pulumi config set --path stackyard:dotdo.ingres.enabled true",
    more: `&& ! grep 'ingres:' ${CONFIG} && echo removed`,
    says: /^removed$/m,
  },
  "pulumi config set --path 'stackyard:starter.api.image' …": {
    as: { "…": PINNED },
    more: "&& pulumi config get --path stackyard:starter.api.image",
    says: new RegExp(`^${PINNED}$`, "m"),
  },
  "pulumi up --config-path --config …": {
    as: { "…": `stackyard:starter.api.image=${PINNED}` },
    more: "--yes",
    says: /the config of stack "dev" has \d+ errors?; nothing was changed[^]*stackyard:starter/,
    fails: true,
  },
};

const METRICS = JSON.stringify({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1beta1.metrics.k8s.io" },
  spec: {
    group: "metrics.k8s.io",
    version: "v1beta1",
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { name: "metrics-server", namespace: "metrics-server" },
  },
});

/** Likewise, where the platform is up. */
export const ON_A_PLATFORM: Readonly<Record<string, Run>> = {
  "pulumi stack output platform": { says: /"gateway":\{"addresses":\["192\.0\.2\.\d+"\]/ },
  "kubectl describe certificates,challenges --all-namespaces": { says: /Kind: +Certificate|No resources found/ },
  "kubectl -n envoy-gateway-system describe services": {
    first: "kubectl -n envoy-gateway-system create service loadbalancer edge --tcp 443", // as Envoy Gateway would
    says: /Type: +LoadBalancer/,
  },
  "kubectl describe clustersecretstore": { says: /Name: +stackyard/ },
  "kubectl describe apiservice v1beta1.metrics.k8s.io": {
    first: `echo '${METRICS}' | kubectl create --filename -`, // as metrics-server's chart would
    more: "&& kubectl delete apiservice v1beta1.metrics.k8s.io",
    says: /Name: +v1beta1\.metrics\.k8s\.io\n[^]*Service:\n +Name: +metrics-server/,
  },
  "kubectl -n monitoring port-forward svc/alertmanager-operated 9093": {
    // as the Prometheus operator would make the Service
    first: `kubectl -n monitoring expose "$(kubectl -n monitoring get pods --output name | head -1)" --name alertmanager-operated --port 9093
coproc FORWARD {`,
    as: { kubectl: "exec kubectl", "9093": ":9093" }, // a free port of this machine
    more: `2>&1; }; grep --max-count 1 Forwarding <&"\${FORWARD[0]}"; kill "$FORWARD_PID"`,
    says: /Forwarding from 127\.0\.0\.1:\d+ -> 9093/,
  },
  "kubectl -n alloy logs deployment/alloy": noLogs("\\S+", "alloy/alloy-"),
  "kubectl -n velero get backupstoragelocations": { says: /^default/m },
  "kubectl -n velero get podvolumebackups": { says: /No resources found/ },
  "kubectl --namespace velero get podvolumebackups.velero.io": { says: /No resources found/ },
  "kubectl -n velero logs deployment/velero": noLogs("\\S+", "velero/velero-"),
  "kubectl --namespace velero logs deployment/velero": noLogs("\\S+", "velero/velero-"),
};

const BENCH = "is a measurement, of minutes to hours, for which the machine has to be left alone";
const VELERO = "wants Velero's program";
const FLY = "wants an account at Fly";

/** What cannot be run here, and why. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  "npm ci": "asks the registry of packages; whoever runs this test has typed it",
  "npm ci && npm test": "is what runs this test",
  "npm run test:unit": "is a part of what runs this test",
  "npm run fixture:state": "writes a tracked file anew, from a sandbox of its own",
  "npm run mutation": BENCH,
  "npm run bench": BENCH,
  "npm run bench -- --rounds 1": BENCH,
  "npm run bench -- policies": BENCH,
  "npm run bench -- policies --rounds 1": BENCH,
  "npm run bench -- copies": BENCH,
  "npm run bench -- copies --copies 1 10 --rounds 1": BENCH,
  "npm run bench -- tenants": BENCH,
  "npm run bench -- tenants --tenants 20 --each 10 --sizes 1 10": BENCH,
  "helm pull oci://docker.io/envoyproxy/gateway-helm --version v1.9.1 --untar": "asks a registry of charts",
  "velero install --crds-only --dry-run --output yaml | kubectl apply --filename -": VELERO,
  "velero backup delete": VELERO,
  "pulumi login s3://<bucket>": "wants a bucket",
  "aws s3api put-bucket-versioning --bucket <bucket> --versioning-configuration Status=Enabled": "wants a bucket",
  "fly tokens create deploy": FLY,
  "fly secrets import": FLY,
  "fly scale count": FLY,
  "fly scale count … --region": FLY,
};

/** Types what is shown, and looks at what that says. */
export async function typeShown(line: string, run: Run, env: Readonly<Record<string, string>>): Promise<void> {
  const [, page = "", rest = ""] = /^(\w+): (.*)$/.exec(line) ?? [];
  const namespace = page === "fluxiondb" ? "fluxiondb-alice" : `${page}-dev`;
  let command = page === "" ? line : `kubectl --namespace ${namespace} ${rest}`;
  for (const [open, filled] of Object.entries(run.as ?? {})) command = command.replace(open, () => filled);
  const commands = [run.first ?? ":", `${command} ${run.more ?? ""}`].join("\n");
  const { exitCode, all } = await execa("bash", ["-eu", "-o", "pipefail", "-c", commands], {
    env,
    all: true,
    stdin: "ignore",
    reject: false,
  });
  assert.equal(exitCode !== 0, run.fails ?? false, `${commands}\n${all}`);
  assert.match(all, run.says, commands);
}
