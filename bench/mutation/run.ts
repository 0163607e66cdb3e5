import { execa } from "execa";
import { readFileSync, writeFileSync } from "node:fs";
import { scoreOf, type Report } from "./score";

/** Stryker has packages of its own, which the program does not need. */
const HERE = "test/mutation";
const RESULTS = "bench/results/mutation.json";

/** @returns the exit code of Stryker: not 0 where the score is under what its config asks for */
async function run(): Promise<number> {
  await execa("npm", ["ci", "--prefix", HERE, "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit" });
  const stryker = ["run", `${HERE}/stryker.config.mjs`, ...process.argv.slice(2)];
  const { exitCode = 1 } = await execa(`${HERE}/node_modules/.bin/stryker`, stryker, { stdio: "inherit", reject: false });
  const report = JSON.parse(readFileSync(".sandbox/mutation/report.json", "utf8")) as Report;
  const results = { date: new Date().toISOString().slice(0, 10), ...scoreOf(report) };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`${results.score} % of ${results.mutants} mutants killed: ${RESULTS}. npm run policies writes it into docs/policies.md.`);
  return exitCode;
}

run().then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
