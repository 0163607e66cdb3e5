/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: ["policy/**/*.ts", "!policy/index.ts", "!policy/*docs.ts", "sizing/*.ts"],
  testRunner: "reloading-mocha",
  plugins: [import.meta.resolve("./runner.mjs"), import.meta.resolve("./prose.mjs")],
  ignorers: ["prose"],
  // texts, and objects and functions emptied whole, compare nothing
  mutator: { excludedMutations: ["StringLiteral", "ObjectLiteral", "ArrowFunction"] },
  mochaOptions: {
    // those first that find most: a mutant's run ends with the first test that fails
    spec: [
      "test/policy/rules.test.ts",
      "test/policy/*.test.ts",
      "test/unit/sizing/*.test.ts",
      "test/unit/sizing-*.test.ts",
      "test/unit/config-policy.test.ts",
    ],
  },
  testRunnerNodeArgs: ["--import=tsx"],
  coverageAnalysis: "perTest",
  // a machine that has other work, too, must not pass for an endless loop, which counts as killed
  timeoutMS: 60_000,
  concurrency: 2,
  tempDirName: ".sandbox/mutation/tree",
  ignorePatterns: [".sandbox", "bench", "docs", "examples", "sandbox", "test/fixtures"],
  reporters: ["progress", "clear-text", "json"],
  jsonReporter: { fileName: ".sandbox/mutation/report.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
