import { Command } from "commander";
import { execa } from "execa";
import { status } from "../../sandbox/cluster";
import { locatePlugins } from "../../sandbox/plugins";
import { locate, PROGRAMS } from "../../sandbox/toolchain";
import { jsonOption, sandboxOption } from "../options";
import { table } from "../table";

interface Finding {
  readonly what: string;
  /** Where it was found, and how it came there; nothing where it is missing. */
  readonly found?: string;
  readonly version?: string;
  readonly source?: string;
  /** What to type when it is missing. */
  readonly remedy: string;
}

export const doctor = new Command("doctor")
  .summary("say what is there and what is missing")
  .description(
    "Says of each program and plugin where it was found, in which version, official or stand-in, and whether the cluster answers. Ends with 1 when something is missing.",
  )
  .addOption(sandboxOption())
  .addOption(jsonOption())
  .action(async (options: { sandbox: string; json: boolean }) => {
    const findings = [...(await languages()), ...(await programs()), ...(await plugins()), await cluster(options.sandbox)];
    const missing = findings.filter(({ found }) => found === undefined);
    if (options.json) console.log(JSON.stringify(findings, undefined, 2));
    else {
      console.log(
        table(
          ["what", "version", "source", "found"],
          findings.map(({ what, version, source, found }) => [what, version ?? "", source ?? "", found ?? "missing"]),
        ),
      );
      if (missing.length > 0)
        console.log(`\nMissing, and what to type:\n${missing.map(({ what, remedy }) => `  ${what}: ${remedy}`).join("\n")}`);
    }
    if (missing.length > 0) process.exitCode = 1;
  });

async function languages(): Promise<Finding[]> {
  const { stdout = "" } = await execa("go", ["env", "GOVERSION", "GOROOT"], { reject: false });
  const [go, root] = stdout.split("\n");
  return [
    { what: "node", found: process.execPath, version: process.versions.node, source: "installed", remedy: "install Node 20.19 or newer" },
    {
      what: "go",
      found: root,
      version: go?.replace(/^go/, ""),
      source: "installed",
      remedy: "install Go 1.26 or newer: it builds the programs that are not on PATH",
    },
  ];
}

const programs = () =>
  Promise.all(
    PROGRAMS.map(async (program): Promise<Finding> => {
      const found = await locate(program);
      return {
        what: program,
        found: found?.path,
        version: found?.version,
        source: found?.source,
        remedy: "npx stackyard env   # builds it",
      };
    }),
  );

async function plugins(): Promise<Finding[]> {
  const plugins = await locatePlugins();
  return plugins.map(({ name, version, source, path }) => ({
    what: `plugin ${name}`,
    found: path,
    version,
    source,
    remedy: "npx stackyard sandbox start",
  }));
}

async function cluster(name: string): Promise<Finding> {
  const { components, version, address } = await status(name);
  const down = components.filter(({ healthy }) => !healthy).map(({ name }) => name);
  const runs = components.length > 0 && down.length === 0;
  return {
    what: `sandbox ${name}`,
    found: runs ? address : undefined,
    version,
    source: runs ? "kwok" : undefined,
    remedy: `npx stackyard sandbox start${name === "default" ? "" : ` --sandbox ${name}`}${components.length > 0 ? `   # ${down.join(", ")} down` : ""}`,
  };
}
