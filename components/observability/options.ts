import * as z from "zod";
import { text } from "../kubernetes/options";

const NAMES = ["dotdo", "fluxiondb", "plinko", "starter"] as const;

export const Systems = z
  .array(z.enum(NAMES))
  .default([...NAMES])
  .meta({ description: "Systems whose alerts are made, and a dashboard of each where `grafana` is true." });

export const Runbooks = text(/^\S+$/, "address: write it like https://git.example.com/platform/stackyard/blob/main/docs/runbooks")
  .default("docs/runbooks")
  .meta({ description: "Address under which people read this folder; alerts link to its pages." });
