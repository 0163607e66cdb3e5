import { readFileSync, writeFileSync } from "node:fs";
import { withDifferences } from "./environments";

const PAGE = "docs/environments.md";
writeFileSync(PAGE, withDifferences(readFileSync(PAGE, "utf8"), "."));
