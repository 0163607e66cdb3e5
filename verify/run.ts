import { reasonOf } from "../engine/cluster";
import { failed, type Check, type Deployed, type Finding, type World } from "./check";
import { CHECKS } from "./checks";
import { exists } from "./checks/objects";

/** What one row found of one object. */
export interface Result extends Finding {
  readonly check: Check;
  readonly object: Deployed;
}

/** Looks at everything that is deployed, by every row that has a question to it; in the order of the rows. */
export async function verify(world: World, checks: readonly Check[] = CHECKS): Promise<Result[]> {
  const results = await Promise.all(world.deployed.map((object) => resultsOf(object, world, checks)));
  const place = (result: Result) => checks.indexOf(result.check);
  return results.flat().sort((one, other) => place(one) - place(other));
}

async function resultsOf(object: Deployed, world: World, checks: readonly Check[]): Promise<Result[]> {
  const asking = checks.filter(({ kinds }) => kinds.includes("*") || kinds.includes(object.kind));
  const results = await Promise.all(
    asking.map(async (check) => {
      const finding = await findingOf(check, object, world);
      return finding && { next: check.next(object), ...finding, check, object };
    }),
  );
  return results.filter((result) => result !== undefined);
}

async function findingOf(check: Check, deployed: Deployed, world: World): Promise<Finding | undefined> {
  try {
    const live = await world.get(deployed);
    if (check !== exists && live?.metadata?.deletionTimestamp !== undefined) return undefined; // that it goes is said already
    if (live) return await check.check({ deployed, live }, world);
    return check === exists ? failed("is not there") : undefined;
  } catch (error) {
    return failed(`could not be looked at: ${reasonOf(error)}`);
  }
}
