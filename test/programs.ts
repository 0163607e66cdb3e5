import { ensure, type Program } from "../sandbox/toolchain";
import { RECIPES } from "../sandbox/toolchain/recipes";

// Seen on dev's up: the engine and what it starts take an eighth less CPU, the API server a quarter, for twice its memory; tests are bound by CPU.
process.env.GOGC ??= "400";

/** Has the programs of every test there before the first one starts: so no test's time limit holds what building them takes. */
export const mochaGlobalSetup = (): Promise<unknown> => ensure(Object.keys(RECIPES) as Program[], (progress) => console.error(progress));
