import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const ROOMS = [
  "bench",
  "capacity",
  "cli",
  "components",
  "config",
  "engine",
  "examples",
  "graph",
  "outputs",
  "planned",
  "policy",
  "sandbox",
  "sizing",
  "stacks",
  "tenants",
  "verify",
];
const COMPARISONS = [
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
];
const QUESTIONS = ["includes", "indexOf", "startsWith", "endsWith", "has", "get", "test", "match", "search"];

/** Whether code that has a literal at this place decides by it: compares with it, or looks something up under it. */
function decides(literal: ts.Node): boolean {
  const { parent } = literal;
  if (ts.isBinaryExpression(parent)) return COMPARISONS.includes(parent.operatorToken.kind);
  if (ts.isCallExpression(parent)) {
    const { expression } = parent;
    return ts.isPropertyAccessExpression(expression) && QUESTIONS.includes(expression.name.text);
  }
  if (ts.isPropertyAccessExpression(parent)) return QUESTIONS.includes(parent.name.text); // a pattern that is asked
  return (
    ts.isCaseClause(parent) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isElementAccessExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent)
  );
}

/** Places of a source that decide by the name of an environment, each as line and code. */
function decisionsBy(names: readonly string[], path: string, code: string): string[] {
  if (!new RegExp(`\\b(${names.join("|")})\\b`).test(code)) return []; // most sources, which then need not be parsed
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const isNamed = (node: ts.Node): boolean => {
    if (ts.isRegularExpressionLiteral(node)) return names.some((name) => new RegExp(`(^|[^\\w-])${name}($|[^\\w])`).test(node.text));
    const isKey =
      ts.isIdentifier(node) && (ts.isPropertyAssignment(node.parent) || ts.isMethodDeclaration(node.parent)) && node.parent.name === node;
    return (ts.isStringLiteralLike(node) || isKey) && names.includes(node.text.replace(/-$/, ""));
  };
  /** A value under a key, `{ a: "prod" }`, is no decision. */
  const isValue = (node: ts.Node) => ts.isPropertyAssignment(node.parent) && node.parent.initializer === node;
  const visit = (node: ts.Node): void => {
    if (isNamed(node) && !isValue(node) && decides(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path}:${line + 1} ${source.text.split("\n")[line]?.trim()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const environments = readdirSync(".").flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);

/** What has the name of an environment, and is none: a file and a name, each with what it is. */
const MEANT: readonly (readonly [file: string, name: string, is: string])[] = [
  ["components/starter/source-options.ts", "dev", "a value of ENVIRONMENT that the starter's own code compares with (contract 4.2)"],
  ["components/dotdo/options.ts", "fly", "the option of dotdo that tells fly.io of it"],
  ["components/dotdo/chart-options.ts", "fly", "the same option, which the chart lacks"],
];
const namesIn = (file: string) => environments.filter((name) => !MEANT.some(([path, meant]) => path === file && meant === name));

describe("an environment is its values: no source decides by its name", () => {
  for (const room of ROOMS) {
    it(room, () => {
      const files = readdirSync(room, { recursive: true, encoding: "utf8" }).flatMap((file) =>
        file.endsWith(".ts") ? [join(room, file)] : [],
      );
      assert.ok(files.length > 0);
      const decisions = files.flatMap((file) => decisionsBy(namesIn(file), file, readFileSync(file, "utf8")));
      assert.deepEqual(decisions, [], "make what differs an option of the stack's file");
    });
  }

  for (const code of [
    'if (stack === "prod") grow();',
    'const large = "prod" !== stack;',
    'switch (stack) { case "prod": grow(); }',
    'const large = ["prod", "other"].includes(stack);',
    'const large = stack.startsWith("prod-");',
    "const large = /^prod$/.test(stack);",
    "const large = stack.match(/^prod/);",
    "const size = { prod: 5 }[stack];",
    'const size = { "prod": 5 }[stack];',
    'const size = sizes["prod"];',
    'const large = new Set(["prod"]).has(stack);',
    "const size = sizes.get(`prod`);",
  ]) {
    it(`finds ${code}`, () => assert.equal(decisionsBy(["prod"], "trial.ts", code).length, 1));
  }

  for (const code of [
    'const stack = "prod";',
    'up("prod");',
    'const shown = { stack: "prod" };',
    '// if (stack === "prod")',
    'if (a === "product") b();',
  ]) {
    it(`leaves ${code}`, () => assert.deepEqual(decisionsBy(["prod"], "trial.ts", code), []));
  }
});
