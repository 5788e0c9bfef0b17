import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./page.ts";

const path = join(import.meta.dirname, "../../../../docs/configuration.md");
writeFileSync(path, configurationPage(readFileSync(path, "utf8")));
