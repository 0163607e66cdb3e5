import { readFileSync, writeFileSync } from "node:fs";
import { withSizes } from "./sizes";

const PAGE = "docs/capacity.md";

void withSizes(readFileSync(PAGE, "utf8"), readFileSync("docs/vultr.md", "utf8")).then((page) => writeFileSync(PAGE, page));
