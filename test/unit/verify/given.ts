import type { KubernetesObject, V1Container, V1Deployment, V1Pod } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import type { Check, Deployed, World } from "../../../verify/check";
import { verify, type Result } from "../../../verify/run";

/** A cluster in memory, of which every object is one that a stack has deployed. */

export interface Live extends KubernetesObject {
  readonly spec?: object;
  readonly status?: object;
  readonly data?: Readonly<Record<string, string>>;
  readonly endpoints?: readonly object[];
}

export interface Given {
  readonly live: readonly Live[];
  /** What was deployed. @default what there is, as it is, but pods, endpoints and what controllers make */
  readonly deployed?: readonly Live[];
  readonly now?: Date;
  readonly answer?: World["answer"];
  readonly reach?: World["reach"];
}

const MADE_BY_CONTROLLERS = ["Pod", "EndpointSlice", "Secret"];

export const deployedOf = (object: Live, system = "plinko"): Deployed => ({
  system,
  apiVersion: object.apiVersion ?? "",
  kind: object.kind ?? "",
  namespace: object.metadata?.namespace,
  name: object.metadata?.name ?? "",
  asked: object as Deployed["asked"],
});

const nobody = () => Promise.reject(new Error("nobody is to be asked"));

export function worldOf({ live, deployed, now = new Date("2027-01-01"), answer = nobody, reach = nobody }: Given): World {
  const all = deployed ?? live.filter(({ kind = "" }) => !MADE_BY_CONTROLLERS.includes(kind));
  return {
    now,
    answer,
    reach,
    deployed: all.map((object) => deployedOf(object)),
    get: async <Wanted extends KubernetesObject>({ kind, namespace, name }: Parameters<World["get"]>[0]) =>
      live.find((it) => it.kind === kind && it.metadata?.name === name && it.metadata.namespace === namespace) as Wanted | undefined,
    list: async <Wanted extends KubernetesObject>(_: string, kind: string, namespace: string) =>
      live.filter((it) => it.kind === kind && it.metadata?.namespace === namespace) as unknown as readonly Wanted[],
  };
}

/** What one row says of a cluster: of each object how it is, and what was found. */
export async function saidBy<Wanted extends KubernetesObject>(check: Check<Wanted>, given: Given): Promise<string[]> {
  return (await verify(worldOf(given), [check as Check])).map(({ status, found }) => `${status}: ${found}`);
}

/** The one thing that a row finds red. */
export async function redOf<Wanted extends KubernetesObject>(check: Check<Wanted>, given: Given): Promise<Result> {
  const red = (await verify(worldOf(given), [check as Check])).filter(({ status }) => status === "failed");
  assert.equal(red.length, 1, JSON.stringify(red.map(({ found }) => found)));
  return red[0]!;
}

const namespace = "ns";
export const inNamespace = (name: string, labels: Record<string, string> = {}) => ({ namespace, name, labels });

export const READY = [{ type: "Ready", status: "True" }];

interface Pods {
  readonly containers?: readonly V1Container[];
  readonly initContainers?: readonly V1Container[];
}

/** A Deployment of two pods, all of them ready. */
export const deployment = (name = "web", { containers = [{ name: "web" }], initContainers }: Pods = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { ...inNamespace(name), generation: 2 },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { spec: { containers: [...containers], ...(initContainers && { initContainers: [...initContainers] }) } },
  } satisfies V1Deployment["spec"],
  status: { observedGeneration: 2, replicas: 2, readyReplicas: 2, updatedReplicas: 2 } as V1Deployment["status"],
});

/** A ready pod of that Deployment; `played` is one that no kubelet runs. */
export const pod = (name: string, { played = false, app = "web", status = {} } = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: inNamespace(name, { app }),
  spec: { containers: [{ name: app }] } as V1Pod["spec"],
  status: {
    phase: "Running",
    conditions: READY,
    containerStatuses: [{ name: app, ...(!played && { containerID: `containerd://${name}` }) }],
    ...status,
  },
});

/** A certificate for `*.production.example.com`. */
export const pem = (name: "valid" | "ended") => readFileSync(`test/fixtures/certificates/${name}.pem`, "utf8");
export const base64 = (text: string) => Buffer.from(text).toString("base64");
