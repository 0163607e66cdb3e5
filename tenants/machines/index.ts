import type { OperationKind } from "../schemas";
import type { Step } from "./step";
import {
  grace,
  graceUntil,
  grown,
  place,
  reach,
  reachIfThere,
  release,
  remove,
  revoke,
  settled,
  snapshot,
  taken,
  verify,
  wish,
} from "./steps";

const textIn = (input: Readonly<Record<string, unknown>>, name: string): string => String(input[name]);

/** Every operation as the list of its steps. What is asked for is wished in the first one, once the operations before it have ended. */
export const MACHINES: Readonly<Record<OperationKind, readonly Step[]>> = {
  // what a new tenant is to be stands in its row from the beginning
  provision: [reach(), settled("ready")],
  adopt: [place, reach(), settled("ready")],
  resize: [wish("wish", ({ operation }) => ({ ram: textIn(operation.input, "ram") })), reach(), grown, settled("ready")],
  "rotate-key": [wish("wish", ({ operation }) => ({ key: Number(operation.input["key"]) })), reach(), verify, revoke],
  suspend: [wish("wish", () => ({ suspended: true })), reach(), settled("stopped")],
  resume: [wish("wish", () => ({ suspended: false })), reach(), settled("ready")],
  backup: [snapshot("asked"), taken],
  restore: [
    wish("wish", ({ operation, tenant: { wanted } }) => ({
      claim: { name: textIn(operation.input, "claim"), snapshot: textIn(operation.input, "snapshot") },
      oldClaims: [...wanted.oldClaims, wanted.claim.name],
    })),
    reach("switch"),
    settled("ready"),
    release,
  ],
  delete: [
    {
      name: "wish",
      run: async ({ operation, tenant }) => ({
        wanted: { suspended: true },
        also: (db) =>
          db
            .updateTable("tenants")
            .set({ purge_at: graceUntil(Number(operation.input["graceDays"])) })
            .where("id", "=", tenant.id)
            .execute(),
      }),
    },
    reachIfThere("suspend"),
    settled("stopped"),
    snapshot("final"),
    taken,
    grace,
    wish("withdraw", () => ({ present: false })),
    reach("withdrawn"),
    remove,
  ],
  upgrade: [wish("wish", ({ operation }) => ({ image: textIn(operation.input, "tag") })), reach(), settled("ready")],
};

export const stepsOf = (kind: OperationKind): string[] => MACHINES[kind].map(({ name }) => name);
