import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { signal } from "../../cli/interrupt";
import { step } from "../../cli/steps";
import { open } from "../../sandbox";
import { reset } from "../../sandbox/cluster";
import { checkout } from "../../sandbox/paths";
import { RULES } from "../../policy/rules";
import { openStack } from "../../sandbox/stack";
import { ensure as ensureOurs } from "../../sandbox/toolchain";
import { machineNow } from "../machine";
import { broughtUp } from "../stack";
import { withBlock } from "../tables";
import { assertKnown, assertSorted, compare, countsOf, listed, missedIn } from "./compare";
import { manyOf, OBJECTS, round, type Programs, type Round } from "./cost";
import { refusalOf } from "./dry-run";
import { conftest } from "./judges/conftest";
import { inFolder, type Findings, type Judge } from "./judges/judge";
import { kubeScore } from "./judges/kube-score";
import { kyverno, writePolicies } from "./judges/kyverno";
import { policyPack } from "./judges/pack";
import { manifestsOf, type Manifest } from "./manifests";
import { ownManifests } from "./own";
import { startPack } from "./pack";
import { ensure, filesOf, PEERS } from "./programs";
import { resourcesIn, type Resource } from "./resources";
import type { PolicyResults } from "./results";
import { COMMAND, everyManifest, summary } from "./tables";

const SANDBOX = "bench-policies";
const root = checkout();

type Env = Readonly<Record<string, string>>;

/** Compares, measures, and writes both down. */
export async function benchPolicies(rounds: number): Promise<void> {
  const machine = machineNow();
  await reset(SANDBOX); // what a run that was cut off has left
  try {
    const sandbox = await open(SANDBOX, step, { clients: true, signal });
    const env = await openStack(sandbox, root, "dev");
    const peers = await step("Programs that judge manifests", (say) => ensure(PEERS, say, signal));
    const { helm } = await ensureOurs(["helm"], () => {}, signal);
    await inFolder(async (policies) => {
      await writePolicies(helm.path, await filesOf("kyverno", signal), policies, signal);
      const programs = {
        kubeScore: peers["kube-score"].path,
        conftest: peers.conftest.path,
        kyverno: peers.kyverno.path,
        policies,
      };
      const stack = resourcesIn(await step("Objects of stack dev", () => broughtUp(env)));
      const found = await judged(stack, programs, env);
      const many = manyOf(stack, OBJECTS);
      const measured: Round[] = [];
      // the first round warms caches, and is not counted
      for (let number = 0; number <= rounds; number++) {
        const one = await step(`Round ${number} of ${rounds}`, () => round(many, programs, root, env, signal));
        if (number > 0) measured.push(one);
      }
      const versions = Object.fromEntries(PEERS.map((peer) => [peer, peers[peer].version]));
      await write({ date: new Date().toISOString().slice(0, 10), machine, versions, ...found, objects: OBJECTS, rounds: measured });
    });
  } finally {
    await reset(SANDBOX);
  }
}

/** What each finds in every manifest. */
async function judged(stack: readonly Resource[], programs: Programs & { readonly kubeScore: string }, env: Env) {
  const theirs = await Promise.all(PEERS.map((peer) => manifestsOf(peer, signal)));
  const manifests = [...theirs.flat(), ...ownManifests(stack)];
  const by = (judge: Judge): Promise<Findings> => step(`${manifests.length} manifests by ${judge.name}`, () => judge.judge(manifests));
  const findings = {
    ...(await ours(by)),
    "kube-score": await by(kubeScore(programs.kubeScore, signal)),
    kyverno: await by(kyverno(programs.kyverno, programs.policies, signal)),
    conftest: await by(conftest(programs.conftest, signal)),
  };
  assertSorted(findings);
  const compared = compare(manifests, findings);
  const missed = compared.flatMap((one, index) => missedIn(one, manifests[index]!));
  const reasons = await step("What the API server says of the rest", () => refusals(manifests, missed, env));
  const told = missed.map((one) => ({ ...one, reason: one.reason ?? reasons.get(one.manifest) }));
  return { rules: findings.rules, manifests: compared.map(listed), missed: told, counts: countsOf(compared, told) };
}

async function ours(by: (judge: Judge) => Promise<Findings>): Promise<{ rules: number; stackyard: Findings }> {
  assertKnown(RULES.map(({ id }) => id));
  const pack = await startPack();
  try {
    return { rules: RULES.length, stackyard: await by(policyPack(pack)) };
  } finally {
    await pack.stop();
  }
}

/** Why the preview refuses manifests of which ours says nothing: `pulumi preview` asks the API server, too. */
async function refusals(
  manifests: readonly Manifest[],
  missed: readonly { readonly manifest: string; readonly reason?: string }[],
  env: Env,
): Promise<Map<string, string>> {
  const asked = new Set(missed.flatMap(({ manifest, reason }) => (reason === undefined ? [manifest] : [])));
  const reasons = new Map<string, string>();
  for (const manifest of manifests.filter(({ name }) => asked.has(name))) {
    const refusal = await refusalOf(manifest, env);
    if (refusal !== undefined) reasons.set(manifest.name, `the API server refuses it in the preview: ${refusal}`);
  }
  return reasons;
}

async function write(results: PolicyResults): Promise<void> {
  const into = (file: string, text: string) => writeFileSync(join(root, file), text);
  into("bench/results/policies.json", await format(JSON.stringify(results), { parser: "json", printWidth: 140 }));
  into("bench/results/policies.md", everyManifest(results));
  const page = "docs/benchmarks.md";
  into(page, await withBlock(readFileSync(join(root, page), "utf8"), summary(results), COMMAND));
  console.log(summary(results));
}
