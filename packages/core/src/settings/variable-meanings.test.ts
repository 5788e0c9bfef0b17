import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runtimeVariableNames, variables } from "./index.ts";
import { variableMeanings } from "./variable-meanings.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/configuration.md"), "utf8");

test("every variable has its meaning, as docs/configuration.md words it", () => {
  const names = [
    ...Object.values(variables).map(({ variable }) => variable),
    ...runtimeVariableNames,
  ];
  expect(Object.keys(variableMeanings)).toEqual(names);
  const rows = page.matchAll(/^\| `([A-Z][A-Z_]+)` .* \| +([^|]*?) +\|$/gm);
  const shown = Object.fromEntries(
    [...rows].map(([, name = "", text = ""]) => [name, plain(text)]),
  );
  expect(variableMeanings).toEqual(shown);
});

/** Text without Markdown. */
function plain(text: string): string {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
}
