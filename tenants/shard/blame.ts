import type { automation } from "@pulumi/pulumi";
import { stripVTControlCharacters } from "node:util";

/** Whose fault it is that an up did not do all. */
export interface Blame {
  /** Why, by user. */
  readonly tenants: ReadonlyMap<string, string>;
  /** Whether the program was ended by it, so that the others were not done either. */
  readonly ended: boolean;
  /** What nobody of the tenants is to blame for. */
  readonly shard?: string;
}

/** What the engine says of the whole once it has said it of a part. */
const SUMMARY = /^(update failed|preview failed|.*resource registration|one or more .* violated|.*operations? failed)/i;

/**
 * @param owners users by `<type>::<name>` of their resources
 */
export function blameIn(events: readonly automation.EngineEvent[], owners: ReadonlyMap<string, string>): Blame {
  const tenants = new Map<string, string>();
  const others: string[] = [];
  let ended = false;
  for (const { diagnosticEvent, policyEvent } of events) {
    if (diagnosticEvent?.severity === "error") say(diagnosticEvent.urn, diagnosticEvent.message);
    if (policyEvent?.enforcementLevel === "mandatory") {
      ended = true;
      say(policyEvent.resourceUrn, `${policyEvent.policyName}: ${policyEvent.message}`);
    }
  }
  const shard = others.find((message) => !SUMMARY.test(message));
  return { tenants, ended, ...(shard !== undefined && { shard }) };

  function say(urn: string | undefined, text: string): void {
    const message = stripVTControlCharacters(text).trim();
    const user = urn === undefined ? undefined : ownerOf(urn, owners);
    if (user === undefined) others.push(message);
    else if (!tenants.has(user)) tenants.set(user, message);
  }
}

/** Which tenant a resource is of: `urn:pulumi:<stack>::<project>::<types, joined by $>::<name>`. */
function ownerOf(urn: string, owners: ReadonlyMap<string, string>): string | undefined {
  const [, , types = "", name = ""] = urn.split("::");
  const known = owners.get(`${types.split("$").at(-1)}::${name}`);
  if (known !== undefined) return known;
  // what is being deleted is in no program any more
  return types.startsWith("stackyard:fluxiondb:") ? /^fluxiondb-(.+)-[a-z]+$/.exec(name)?.[1] : undefined;
}
