import * as z from "zod";
import { HttpProbe } from "./options";

type Timing = Omit<Parameters<typeof HttpProbe>[0], "path">;

/** A probe that connects to the container's main port and asks nothing: for what speaks no HTTP. */
export const TcpProbe = (timing: Timing, description: string) =>
  HttpProbe({ ...timing, path: "/" }, description)
    .unwrap()
    .omit({ path: true })
    .prefault({})
    .meta({ description });

/** A probe that asks by HTTP or only connects, as its owner likes. */
export const EitherProbe = (type: "http" | "tcp", defaults: Parameters<typeof HttpProbe>[0], description: string) =>
  HttpProbe(defaults, description)
    .unwrap()
    .extend({ type: z.enum(["http", "tcp"]).default(type).meta({ description: "http asks for `path`, tcp only connects." }) })
    .prefault({})
    .meta({ description });
export type EitherProbe = z.output<ReturnType<typeof EitherProbe>>;
