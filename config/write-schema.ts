import { writeFileSync } from "node:fs";
import { stackFileSchema } from "./json-schema";

writeFileSync("config/schema.json", JSON.stringify(stackFileSchema()));
