import { execa } from "execa";
import { readFileSync, writeFileSync } from "node:fs";
import { scoreOf, type Report } from "./score";

const HERE = "test/mutation";
const RESULTS = "bench/results/mutation.json";

const options = { stdio: "inherit", reject: false } as const;
await execa("npm", ["ci", "--prefix", HERE, "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit" });
const { exitCode = 1 } = await execa(
  `${HERE}/node_modules/.bin/stryker`,
  ["run", `${HERE}/stryker.config.mjs`, ...process.argv.slice(2)],
  options,
);

const report = JSON.parse(readFileSync(".sandbox/mutation/report.json", "utf8")) as Report;
const results = { date: new Date().toISOString().slice(0, 10), ...scoreOf(report) };
writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
console.log(`${results.score} % of ${results.mutants} mutants killed: ${RESULTS}. npm run policies writes it into docs/policies.md.`);
process.exitCode = exitCode;
