import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type MutationScore, PAGE, SCORE, withRules } from "./docs";
import { RULES } from "./rules";

const score = existsSync(SCORE) ? (JSON.parse(readFileSync(SCORE, "utf8")) as MutationScore) : undefined;
writeFileSync(PAGE, withRules(readFileSync(PAGE, "utf8"), RULES, score));
