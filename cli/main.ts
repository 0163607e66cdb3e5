import { fail } from "./errors";
import { interrupted } from "./interrupt";
import { toUs } from "./passed-on";
import { program } from "./program";

program.parseAsync(toUs).catch((error: unknown) => {
  process.exitCode = interrupted() ? 130 : fail(error);
});
