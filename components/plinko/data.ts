import { createHash } from "node:crypto";
import { imageOf } from "../kubernetes/options";
import type { PlinkoPlan } from "./options";

/**
 * What lies on the shared volume. Each generation has a folder of its own, named by a hash of what it is made from; it is written under
 * another name and gets its own by a rename when it is whole. Pods see one generation as /data, so that a new one harms none that reads the old:
 *
 *     database-<hash>   database.bin, address-mapping.bin
 *     serving-<hash>    hint.bin, both of them, deltas
 */

/** Where containers of the programs see their generation. */
export const DATA = "/data";
/** Where a Job's own steps see the whole volume. */
export const VOLUME = "/volume";

/** Bytes of an entry of database.bin and of address-mapping.bin (contract 3.1). */
const ENTRY = 8;
const MAPPING = 24;

export interface Data {
  readonly claim: string;
  /** Folders of the generations. */
  readonly database: string;
  readonly serving: string;
  /** Exact sizes of the files, in bytes. */
  readonly databaseBytes: number;
  readonly mappingBytes: number;
  /** Carried by the pods that use the volume, and by no others. */
  readonly label: Record<string, string>;
}

const hashOf = (...inputs: unknown[]): string => createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 10);

/** A claim can change neither its class nor its access mode: another choice is another claim, and pods move over to it. */
const claimNameOf = (name: string, { persistence, global }: PlinkoPlan): string =>
  persistence.existingClaim ??
  [name, "data", persistence.accessMode === "ReadWriteMany" ? "rwx" : "rwo", global.storageClass].filter(Boolean).join("-");

export function dataOf(name: string, options: PlinkoPlan): Data {
  const { config, ethMock, dbGenerator, hintGenerator } = options;
  const database = hashOf(
    config.dbSize,
    ethMock.accounts ?? config.dbSize,
    ethMock.balance,
    imageOf(dbGenerator.image),
    dbGenerator.command,
  );
  const serving = hashOf(database, config.chunkSize, imageOf(hintGenerator.image), hintGenerator.command);
  return {
    claim: claimNameOf(name, options),
    database: `database-${database}`,
    serving: `serving-${serving}`,
    databaseBytes: config.dbSize * ENTRY,
    mappingBytes: config.dbSize * MAPPING,
    label: { "stackyard.dev/shares-volume": name },
  };
}

/** The hash in a generation's name. */
export const hashIn = (generation: string): string => generation.replace(/^.*-/, "");
