import type { z } from "zod";
import { PlinkoOptions } from "../components/plinko/options";

/** Section `stackyard:plinko`: the options of Plinko PIR. It has no secrets and stands on nothing. */
export const PlinkoSection = PlinkoOptions.meta({ description: "Plinko PIR: its options." });

export type PlinkoSection = z.output<typeof PlinkoSection>;
