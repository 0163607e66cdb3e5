import type { z } from "zod";
import { plinkoChartRefusals, PlinkoChartSource } from "../components/plinko/chart-options";
import { PlinkoOptions } from "../components/plinko/options";
import { Quota } from "./quota";

/** Section `stackyard:plinko`: the options of Plinko PIR. It has no secrets and stands on nothing. */
export const PlinkoSection = PlinkoOptions.safeExtend({ quota: Quota.optional(), chart: PlinkoChartSource })
  .superRefine((section, context) => {
    for (const { path, message, remedy } of section.chart ? plinkoChartRefusals(section) : [])
      context.addIssue({ code: "custom", path, message, params: { remedy } });
  })
  .meta({ description: "Plinko PIR: its options." });

export type PlinkoSection = z.output<typeof PlinkoSection>;
