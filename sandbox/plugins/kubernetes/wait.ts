import { setTimeout as sleep } from "node:timers/promises";
import type { Request } from "../rpc.js";
import { type Client, type KubeObject, metaOf } from "./client.js";
import { readinessOf } from "./readiness.js";
import { troubleOf } from "./trouble.js";

/** Seconds that the official plugin waits where nobody says otherwise. */
const usual: Record<string, number> = { PersistentVolumeClaim: 300, Pod: 300, gone: 300 };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The object was made or changed, but did not get ready in time; the reasons say why. */
export class Unready extends Error {
  constructor(
    readonly object: KubeObject,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** The object again and again, more and more seldom, until the time is over; undefined where it is gone. */
async function* looks(
  client: Client,
  object: KubeObject,
  { timeout, signal }: Request,
  kind: string,
): AsyncGenerator<KubeObject | undefined> {
  const seconds = timeout || Number(metaOf(object).annotations?.["pulumi.com/timeoutSeconds"] ?? 0) || (usual[kind] ?? 600);
  // counted here: a signal that AbortSignal.any makes of a timeout is collected as garbage, and never fires then (seen with Node 20)
  const end = Date.now() + seconds * 1000;
  for (let pause = 50; ; pause = Math.min(1000, pause * 1.5)) {
    yield await client.get(object);
    if (Date.now() >= end) throw new Error(`timed out after ${seconds} s`);
    await sleep(Math.min(pause, end - Date.now()), undefined, { signal }).catch(() => {
      throw new Error("cancelled");
    });
  }
}

/** Waits until the object is ready, and returns it as it is then. Throws `Unready` when it fails or the time is over. */
export const untilReady = async (client: Client, object: KubeObject, request: Request): Promise<KubeObject> => {
  const check = readinessOf(object);
  if (!check) return object;
  let last = object;
  let shown = "it to become ready";
  try {
    for await (const live of looks(client, object, request, object.kind)) {
      if (!live) throw new Error("somebody deleted it");
      last = live;
      const { ready, waitingFor = "", failed } = await check(live, client);
      if (ready) return live;
      if (failed) throw new Error("it failed");
      if (waitingFor !== shown) request.status(`Waiting for ${waitingFor}`);
      shown = waitingFor;
    }
  } catch (error) {
    throw unready(last, `${messageOf(error)} while waiting for ${shown}`, await troubleOf(client, last));
  }
  return last;
};

const unready = (object: KubeObject, message: string, trouble: string[]): Unready => {
  const { namespace, name } = metaOf(object);
  return new Unready(object, [`${object.kind} ${namespace ? `${namespace}/` : ""}${name}: ${message}`, ...trouble]);
};

/** Looks once whether the object is ready. */
export const checkReady = async (client: Client, live: KubeObject): Promise<void> => {
  const { ready = true, waitingFor = "" } = (await readinessOf(live)?.(live, client)) ?? {};
  if (!ready) throw unready(live, `not ready, waiting for ${waitingFor}`, await troubleOf(client, live));
};

/** Waits until this very object (by uid) is gone. */
export const untilGone = async (client: Client, object: KubeObject, request: Request): Promise<void> => {
  let last = object;
  try {
    for await (const live of looks(client, object, request, "gone")) {
      if (!live || metaOf(live).uid !== metaOf(object).uid) return;
      last = live;
    }
  } catch (error) {
    const held = metaOf(last).finalizers?.join(", ") || "nothing that it names";
    throw new Error(`${object.kind} ${metaOf(object).name} is not gone: ${messageOf(error)}, held by ${held}`, { cause: error });
  }
};
