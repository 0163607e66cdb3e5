import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { LibSqlOptions, MinIOOptions, RedisOptions } from "../../components/backing/options";
import { DotdoOptions } from "../../components/dotdo/options";
import { hashKeyMap } from "../../components/dotdo/routing";
import { FluxionDbOptions } from "../../components/fluxiondb/options";
import { PlinkoOptions } from "../../components/plinko/options";
import { withDifferences } from "../../config/environments";
import { LAYERS, type LayerName } from "../../config/layers";
import { PlinkoSection } from "../../config/plinko";
import { StarterOptions } from "../../components/starter/options";
import { RegistrySection } from "../../config/registry";
import { PAGE, SCORE, withRules, type MutationScore } from "../../policy/docs";
import { RULES } from "../../policy/rules";

const root = join(__dirname, "../..");
const pageOf = (system: string) => readFileSync(join(root, "docs/systems", `${system}.md`), "utf8");

interface Option {
  readonly path: string;
  /** As pages show it: nothing where there is none. */
  readonly default: string;
  readonly description: string;
}

/** Every option that has no options of its own. */
function optionsOf(schema: z.ZodType): Option[] {
  const within = ({ properties = {} }: z.core.JSONSchema.BaseSchema, path: string): Option[] =>
    Object.entries(properties).flatMap(([name, property]) => {
      if (typeof property === "boolean") return [];
      const shown = property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``;
      return property.properties
        ? within(property, `${path}${name}.`)
        : [{ path: `${path}${name}`, default: shown, description: property.description ?? "" }];
    });
  return within(z.toJSONSchema(schema, { io: "input" }), "");
}

/** Tables of a page, each as its rows of cells, the head first. */
const tablesOf = (page: string): string[][][] =>
  [...page.matchAll(/(^\|.*\n)+/gm)].map(([table]) =>
    table
      .trim()
      .split("\n")
      .map((line) => line.split("|").slice(1, -1))
      .map((row) => row.map((cell) => cell.trim()))
      .filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell))),
  );
const rowsOf = (page: string): string[][] => tablesOf(page).flat();

/**
 * Options that a first cell names, each maybe with a value: `b` or `.b` after `a.x` is `a.b`, `<c>` stands for each component, and what is said
 * of `a`, `a.*` or `a[].x` is said of all that `a` has.
 */
function namedIn(cell: string): string[] {
  let last: string[] = [];
  const names = [...cell.matchAll(/`(\.?[\w.<>]+)[^`]*`/g)].map(([, name = ""]) => {
    const steps = name.split(".").filter(Boolean);
    const isWhole = name.includes(".") && !name.startsWith(".");
    last = isWhole ? steps : [...last.slice(0, -steps.length), ...steps];
    return last.join(".");
  });
  return names.flatMap((name) => (name.includes("<c>") ? ["api", "web", "worker"].map((part) => name.replace("<c>", part)) : [name]));
}

/** What each row of the tables with a column "Shown by" says there. */
const shownBy = (page: string): { name: string; by: string }[] =>
  tablesOf(page).flatMap(([head = [], ...rows]) => {
    const column = head.indexOf("Shown by");
    return column < 0 ? [] : rows.map((row) => ({ name: row[0] ?? "", by: row[column] ?? "" }));
  });

/** The section of a layer as a stack of the repository has it, with every default. */
function sectionIn(stack: string, layer: string): Record<string, unknown> | undefined {
  const { config } = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> };
  const section = config[`stackyard:${layer}`];
  return section === undefined ? undefined : LAYERS[layer as LayerName].section.parse(section);
}

/** Whether there is something at a path, and not `false`; `*` is any name, and a last step may be the end of a name. */
function isOn(value: unknown, [step, ...rest]: readonly string[]): boolean {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (step === undefined) return value !== undefined && value !== false && !inner.some(([name, is]) => name === "enabled" && is === false);
  const ending = /^\*(\w*)$/.exec(step)?.[1];
  return inner.some(([name, within]) => (ending === undefined ? name === step : name.endsWith(ending)) && isOn(within, rest));
}

describe("the page of", function () {
  this.timeout("20s"); // the first schemas take a second of a machine that has nothing else to do
  /** Rows that a page lacks: for the system itself in all of its tables, for a data service in the one that is about it. */
  const lacking = (tables: string[][][], schema: z.ZodType): string[] => {
    const rows = new Set(tables.flat().map((row) => row.slice(0, 3).join(" | ")));
    return optionsOf(schema)
      .map((option) => `\`${option.path}\` | ${option.default} | ${option.description}`)
      .filter((row) => !rows.has(row));
  };

  for (const [system, schema] of Object.entries({ dotdo: DotdoOptions, fluxiondb: FluxionDbOptions, plinko: PlinkoOptions })) {
    it(`${system} has a row for every option, with its default and meaning`, () => {
      assert.deepEqual(lacking(tablesOf(pageOf(system)), schema), []);
    });
  }

  for (const [service, schema] of Object.entries({ LibSql: LibSqlOptions, MinIO: MinIOOptions, Redis: RedisOptions })) {
    it(`dotdo has a table of every option of ${service}, with its default and meaning`, () => {
      const [nearest] = tablesOf(pageOf("dotdo"))
        .map((table) => lacking([table], schema))
        .sort((a, b) => a.length - b.length);
      assert.deepEqual(nearest, []);
    });
  }

  it("the config has a row for every option of stackyard:registry, with its default and meaning", () => {
    assert.deepEqual(lacking(tablesOf(readFileSync(join(root, "docs/configuration.md"), "utf8")), RegistrySection), []);
  });

  it("starter has a row for every option, of itself or of what it is part of", () => {
    const named = rowsOf(pageOf("starter")).flatMap(([name = ""]) => namedIn(name));
    const missing = optionsOf(StarterOptions).filter(({ path }) => !named.some((name) => path === name || path.startsWith(`${name}.`)));
    assert.deepEqual(
      missing.map(({ path }) => path),
      [],
    );
  });

  for (const system of ["dotdo", "fluxiondb", "plinko", "starter"]) {
    it(`${system} says of each option of the seed by what it is shown`, () => {
      const shown = shownBy(pageOf(system));
      assert.ok(shown.length > 15, `${shown.length} rows`);
      assert.deepEqual(
        shown.filter(({ by }) => by === "").map(({ name }) => name),
        [],
      );
    });
  }

  for (const system of ["dotdo", "plinko"]) {
    it(`${system} names tests that there are`, () => {
      const tests = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).map((file) => file.replace(/\.test\.ts$/, ""));
      const names = shownBy(pageOf(system)).flatMap(({ by }) => by.split(",").map((part) => part.split(":")[0]?.trim() ?? ""));
      assert.deepEqual(
        names.filter((name) => name !== "–" && !tests.some((test) => `/${test}`.endsWith(`/${name}`))),
        [],
      );
    });
  }

  it("plinko says the bounds and sizes that dev has", () => {
    const { config } = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, unknown> };
    const dev = PlinkoSection.parse(config["stackyard:plinko"]);
    const rows = rowsOf(pageOf("plinko"));
    for (const [what, { autoscaling }] of Object.entries({
      "PIR server": dev.plinkoPirServer,
      CDN: dev.cdnMock,
      wallet: dev.rabbyWallet,
    })) {
      const row = rows.find(([name]) => name === `pods of ${what}`);
      assert.equal(row?.[1], `${autoscaling.minReplicas}–${autoscaling.maxReplicas}`, what);
    }
  });

  it("the environments has what differs between the stacks as they are now (npm run environments)", () => {
    const page = readFileSync(join(root, "docs/environments.md"), "utf8");
    assert.equal(withDifferences(page, root), page);
  });

  it("the environments names, for each point of production's lists, tests that there are and options that are on where it says", () => {
    const page = readFileSync(join(root, "docs/environments.md"), "utf8");
    const rows =
      tablesOf(page)
        .find(([head]) => head?.[1] === "Point")
        ?.slice(1) ?? [];
    assert.ok(rows.length > 30, `${rows.length} rows`);
    const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
    const wrong = rows.flatMap(([, point = "", option = "", where = "", by = ""]) => {
      const tests = by.split(", ").map((name) => `test/${name === "environments" ? "sandbox/environments" : name}.test.ts`);
      const named = stacks.filter((stack) => where.split(/[^\w-]+/).some((word) => word === stack || word === "all"));
      const lost = tests.filter((file) => !existsSync(join(root, file)));
      return [
        ...lost.map((file) => `${point}: there is no ${file}`),
        ...[...option.matchAll(/`((?:platform|dotdo|fluxiondb|plinko|starter)\.[\w.*]+)`/g)].flatMap(([, path = ""]) => {
          const [layer = "", ...steps] = path.split(".");
          const having = named.flatMap((stack) => sectionIn(stack, layer) ?? []);
          return having.length > 0 && having.every((section) => isOn(section, steps)) ? [] : [`${point}: ${path} is not on in ${where}`];
        }),
      ];
    });
    assert.deepEqual(wrong, []);
  });

  it("the policies has every rule as it is now, and the score of mutation testing (npm run policies)", () => {
    const page = readFileSync(join(root, PAGE), "utf8");
    const score = existsSync(join(root, SCORE)) ? (JSON.parse(readFileSync(join(root, SCORE), "utf8")) as MutationScore) : undefined;
    assert.equal(withRules(page, RULES, score), page);
    for (const { id } of RULES) assert.ok(page.includes(`| \`${id}\` |`), id);
  });

  it("dotdo shows the map that the routing is tested with", () => {
    assert.ok(pageOf("dotdo").replace(/^ +/gm, "").includes(hashKeyMap().replace(/^ +/gm, "")));
  });
});
