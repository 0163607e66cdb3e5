import { createRequire } from "node:module";
import { sep } from "node:path";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { createMochaTestRunner } from "@stryker-mutator/mocha-runner";

const { cache } = createRequire(import.meta.url);

/** Forgets every module of the tree that is mutated, whose packages are outside of it. */
function forget() {
  for (const file of Object.keys(cache)) if (file.startsWith(process.cwd() + sep)) delete cache[file];
}

/**
 * Stryker's runner, which loads the tests anew in the process that it has: for a mutant in what runs once, at load, it would start
 * another, ten times as long. It can, because mocha requires our tests, and imports none.
 */
function createRunner(injector) {
  const runner = createMochaTestRunner(injector);
  const run = runner.mutantRun.bind(runner);
  return Object.assign(runner, {
    capabilities: () => Promise.resolve({ reloadEnvironment: true }),
    mutantRun: async (options) => {
      if (options.reloadEnvironment) {
        forget();
        await runner.dispose();
        await runner.init();
        runner.loadedEnv = false;
      }
      return run(options);
    },
  });
}
createRunner.inject = createMochaTestRunner.inject;

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "reloading-mocha", createRunner)];
export { strykerValidationSchema } from "@stryker-mutator/mocha-runner";
