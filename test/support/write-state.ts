import { execa } from "execa";
import { writeFileSync } from "node:fs";
import { version } from "../../package.json";
import { landedOf, type Resource } from "./landed-state";
import { environmentOf, printed, stackyard } from "./stackyard";

/** Writes the state that stack `dev` of this version leaves: docs/architecture.md, "When a version lands". */
async function write(): Promise<void> {
  const sandbox = `state-${process.pid}`;
  try {
    const up = await stackyard(["up", "dev", "--sandbox", sandbox]);
    if (up.exitCode !== 0) throw new Error(printed(up));
    const { stdout } = await execa("pulumi", ["stack", "export", "--show-secrets"], { env: await environmentOf(sandbox) });
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: Resource[] } };
    const file = `test/fixtures/states/${version}.json`;
    writeFileSync(file, `${JSON.stringify(landedOf(deployment.resources), undefined, 2)}\n`);
    console.log(`${file} is written`);
  } finally {
    await stackyard(["sandbox", "reset", "--sandbox", sandbox]);
  }
}

void write();
