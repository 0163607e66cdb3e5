import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { clientOf, find, kubeConfigOf, type Reached } from "../engine/cluster";
import type { Deployed, World } from "./check";
import { answerOf, reach } from "./http";

/** Requests that the API server is asked at once. */
const AT_ONCE = 16;

/** The cluster that a target reaches, as one look finds it. */
export async function worldOf(target: Reached, deployed: readonly Deployed[]): Promise<World> {
  const [api, config] = await Promise.all([clientOf(target), kubeConfigOf(target)]);
  const once = memory();
  return {
    now: new Date(),
    deployed,
    get: <Live extends KubernetesObject>({ apiVersion, kind, namespace, name }: Parameters<World["get"]>[0]) =>
      once(`${apiVersion}/${kind}/${namespace}/${name}`, () => find(api, { apiVersion, kind, metadata: { namespace, name } })) as Promise<
        Live | undefined
      >,
    list: <Live extends KubernetesObject>(apiVersion: string, kind: string, namespace: string) =>
      once(`${apiVersion}/${kind}/${namespace}`, () => listed(api, apiVersion, kind, namespace)) as Promise<readonly Live[]>,
    answer: (pod, request) => answerOf(config, pod, request),
    reach,
  };
}

async function listed(api: KubernetesObjectApi, apiVersion: string, kind: string, namespace: string): Promise<readonly KubernetesObject[]> {
  return (await api.list(apiVersion, kind, namespace)).items;
}

/** Keeps what was asked once, and lets no more questions out at a time than `AT_ONCE`. */
function memory() {
  const answers = new Map<string, Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  const inTurn = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await ask();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
  return (key: string, ask: () => Promise<unknown>): Promise<unknown> => {
    const answer = answers.get(key) ?? inTurn(ask);
    answers.set(key, answer);
    return answer;
  };
}
