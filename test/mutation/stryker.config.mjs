/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: ["policy/**/*.ts", "!policy/index.ts", "!policy/*docs.ts", "sizing/*.ts"],
  testRunner: "reloading-mocha",
  plugins: [import.meta.resolve("./runner.mjs"), import.meta.resolve("./prose.mjs")],
  ignorers: ["prose"],
  mochaOptions: {
    spec: ["test/policy/**/*.test.ts", "test/unit/sizing/*.test.ts", "test/unit/sizing-*.test.ts", "test/unit/config-policy.test.ts"],
  },
  testRunnerNodeArgs: ["--import=tsx"],
  coverageAnalysis: "perTest",
  concurrency: 2,
  incremental: true,
  incrementalFile: ".sandbox/mutation/incremental.json",
  tempDirName: ".sandbox/mutation/tree",
  ignorePatterns: [".sandbox", "bench", "docs", "examples", "sandbox", "test/fixtures"],
  reporters: ["progress", "clear-text", "json"],
  jsonReporter: { fileName: ".sandbox/mutation/report.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
