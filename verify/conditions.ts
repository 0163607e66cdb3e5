import { failed, passed, type Finding } from "./check";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Whether an object says of itself that a condition holds, in its words. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Finding {
  const found = conditions?.find((condition) => condition.type === type);
  if (found === undefined) return failed(`nothing has said yet whether it is ${type}`);
  const said = [found.reason, found.message].filter(Boolean).join(": ");
  if (found.status === "True") return passed(said || type);
  return failed(`${type} is ${found.status}${said === "" ? "" : `: ${said}`}`);
}
