import { RETRIES, givenEnvOf, isOn, mostApiPods } from "./source-options";
import type { Shape } from "./shape-options";

/** Whether the API runs billing's retries or replay; its program does unless told otherwise. */
const retries = ({ api, worker }: Shape): string[] =>
  RETRIES.filter((name) => (api.env[name] === undefined ? !worker.enabled : isOn(api.env[name])));

/** What works, but hardly as it is meant. */
export function* warningsOf(options: Shape): Iterable<string> {
  const billing = isOn(options.api.env["ENABLE_BILLING"]);
  const running = retries(options);
  const most = mostApiPods(options);
  if (billing && running.length > 0 && (most > 1 || options.worker.enabled)) {
    const others = options.worker.enabled ? `the API's pods and the worker all run` : `each of up to ${most} pods of the API runs`;
    const remedy = options.worker.enabled
      ? `take ${running.join(" and ")} out of api.env`
      : "set worker.enabled to true, which runs them once";
    yield `${others} billing retries or replay (${running.join(", ")}): ${remedy}.`;
  }
  if (options.worker.enabled && !isOn(givenEnvOf(options, "worker")["ENABLE_BILLING"])) {
    yield "the worker has nothing to do: ENABLE_BILLING is not true. Set it in api.env, or worker.enabled to false.";
  }
}
