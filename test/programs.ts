import { ensure, type Program } from "../sandbox/toolchain";
import { RECIPES } from "../sandbox/toolchain/recipes";

/** Has the programs of every test there before the first one starts: so no test's time limit holds what building them takes. */
export const mochaGlobalSetup = (): Promise<unknown> => ensure(Object.keys(RECIPES) as Program[], (progress) => console.error(progress));
