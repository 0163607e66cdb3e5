import type { automation } from "@pulumi/pulumi";
import { hostname } from "node:os";
import { mayGoOn } from "../../engine/processes";

/** Who has Pulumi's lock on a stack, in the words of its file backends: `<file>: created by <user>@<host> (pid <pid>) at <time>`. */
const HOLDER = /: created by (?<user>\S+)@(?<host>\S+) \(pid (?<pid>\d+)\) at (?<since>\S+)/g;

/**
 * Why a lock on a stack is not taken away: whoever has it may be at work, and a second update would destroy the state.
 *
 * @param gone machine that an operator knows to be gone
 * @returns nothing where all who have it are dead
 */
export function lockReason(stack: string, { message }: automation.ConcurrentUpdateError, gone?: string): string | undefined {
  const holders = [...message.matchAll(HOLDER)].map(({ groups = {} }) => groups);
  const goesOn = ({ host, pid, since = "" }: (typeof holders)[number]) =>
    host !== gone && (host !== hostname() || mayGoOn(Number(pid), "pulumi", new Date(since)));
  const living = holders.filter(goesOn);
  if (holders.length > 0 && living.length === 0) return undefined;
  const [first] = living;
  if (first === undefined) return `stack ${stack} is locked by another update. Wait until that has ended`;
  const names = living.map(({ user, host, pid, since }) => `process ${pid} of ${user} on ${host} since ${since}`).join(", and by ");
  return (
    `stack ${stack} is locked by ${names}. Wait until that has ended; ` +
    `only where the machine is gone for good: npx stackyard tenants reconcile --free-host ${first["host"]}`
  );
}
