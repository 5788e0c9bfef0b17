import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { variables } from "../settings/index.ts";
import { policies } from "./policies.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/reliability.md"), "utf8");
const [, section = ""] = page.split("\n## The order of a call\n");
const rows = (section.split("\n## ")[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

describe("docs/reliability.md, the order of a call", () => {
  test("lists the policies in their order", () => {
    const names = rows.map(([, name]) => name?.replaceAll("`", ""));
    expect(names).toEqual(policies.map(({ name }) => name));
  });

  test("describes each in one sentence, with variables that exist", () => {
    const known = new Set<string>(Object.values(variables).map(({ variable }) => variable));
    for (const [, , sentence, variable = ""] of rows) {
      expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
      const named = [...variable.matchAll(/`([A-Z_]+)`/g)].map(([, name = ""]) => name);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
      expect(variable === "none" || named.length > 0).toBe(true);
    }
  });
});
