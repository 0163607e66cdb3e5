import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";

// Which room may look into which: data goes one way (docs/architecture.md). Each room may always look into itself.
const rooms = {
  sizing: [],
  config: ["sizing", "policy"],
  components: ["sizing"],
  policy: ["sizing"],
  outputs: ["config"],
  stacks: ["config", "components", "sizing", "outputs"],
  planned: ["config", "stacks"],
  capacity: ["sizing", "policy", "planned"],
  graph: ["planned"],
  sandbox: [],
  engine: [],
  tenants: ["config", "components", "sizing", "stacks", "engine"],
  verify: ["engine", "sizing"],
  cli: ["sandbox", "stacks", "config", "engine", "tenants", "policy", "planned", "capacity", "graph", "verify"],
  bench: ["cli", "sandbox", "policy", "config"],
};
const room = (names) => ({ to: { element: { type: names } } });
const options = { to: { file: { categories: "options" } } };

export default tseslint.config(
  { ignores: ["node_modules", ".sandbox"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { boundaries },
    settings: {
      "import/resolver": { node: { extensions: [".ts", ".js", ".cjs"] } },
      // the command has a folder of the name of a room
      "boundaries/elements": Object.keys(rooms).map((name) =>
        name === "tenants" ? { type: name, pattern: "tenants/**", partialMatch: false } : { type: name, pattern: name },
      ),
      // the schema of a system's options is plain data, which config composes
      "boundaries/files": [{ category: "options", pattern: "**/components/*/*options.ts" }],
    },
    rules: {
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: [
            ...Object.entries(rooms).map(([from, to]) => ({ from: { element: { type: from } }, allow: [room([from, ...to])] })),
            { from: { element: { type: "config" } }, allow: [options] },
          ],
        },
      ],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["components/*/*options.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ regex: "^(?!zod$|.*options$|.*/sizing/)", message: "Options are plain data: they import zod, sizing and options." }],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "boundaries/dependencies": "off",
      "@typescript-eslint/no-floating-promises": "off",
      "@typescript-eslint/no-require-imports": "off",
    },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: {
      sourceType: "commonjs",
      globals: { require: "readonly", module: "writable", process: "readonly", console: "readonly", __dirname: "readonly" },
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
);
