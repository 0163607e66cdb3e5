#!/usr/bin/env node
// Plain JavaScript, with nothing but Node: this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `stackyard needs Node 20.19 or newer, this is ${process.versions.node}. Install a newer one, then run the same command again.`,
  );
  process.exit(1);
}

// npm writes this file last: older than the lock file, or missing, means that the packages are not the locked ones
const installed = `${root}node_modules/.package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs) {
  const started = Date.now();
  console.error("Installing the locked npm packages …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    console.error(`The npm packages were not installed. Mend what npm says above, then run the same command again.`);
    process.exit(1);
  }
  console.error(`Installed the locked npm packages (${Math.round((Date.now() - started) / 1000)} s)`);
}

process.chdir(root); // all paths are the project's, wherever the command is typed
require("../runtime/lazy.cjs");
require("../runtime/structs.cjs");
require("../runtime/build.cjs").load("cli/main.ts");
