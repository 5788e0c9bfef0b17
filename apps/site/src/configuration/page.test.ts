import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveSettings, variables, type Variable } from "@orchestra/core";
import { settingsSections } from "@orchestra/core/extend";
import { resolveRuntimeSettings } from "@orchestra/runtime";
import { resolveServerSettings } from "@orchestra/server/settings";
import { expect, test } from "vitest";
import { configurationPage, sectionsOf } from "./page.ts";
import { settingsOf } from "./settings.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/configuration.md"), "utf8");
const settings = settingsSections.flatMap(({ title }) => settingsOf(title));

test("docs/configuration.md is what `npx -y pnpm@12 docs:generate` writes", () => {
  expect(page).toBe(configurationPage(page));
});

test("the page has every section once", () => {
  expect(sectionsOf(page)).toEqual(settingsSections.map(({ title }) => title));
});

test("a page with an outdated row, or an extra row, is corrected", () => {
  const outdated = page.replace("Timeout of one attempt.", "Timeout of a call.");
  expect(outdated).not.toBe(page);
  expect(configurationPage(outdated)).toBe(page);
  const row = "| `LLM_COLOR` | `color` | a color | none | Color of the answer. |\n";
  expect(configurationPage(page.replace(/^\| `LOG_LEVEL`/m, `${row}$&`))).toBe(page);
});

test("the default that is shown is the default that applies", () => {
  const defaults = new Map<string, unknown>();
  for (const { variable, read, defaultValue } of Object.values<Variable<unknown>>(variables)) {
    const text = settings.find((setting) => setting.variable === variable)?.defaultText;
    defaults.set(variable, text === undefined ? undefined : read(text));
    const isEmpty =
      typeof defaultValue === "object" && Object.keys(defaultValue ?? {}).length === 0;
    expect([variable, defaults.get(variable)]).toEqual([
      variable,
      isEmpty ? undefined : defaultValue,
    ]);
  }
});

test("every example is accepted, all of them together", () => {
  const environment = Object.fromEntries(
    // An ellipsis stands for the rest of a key.
    settings.map(({ variable, example }) => [variable, example.replace("…", "0123456789")]),
  );
  expect(() => resolveSettings({}, environment)).not.toThrow();
  expect(() => resolveRuntimeSettings({}, environment)).not.toThrow();
  expect(() => resolveServerSettings({}, environment)).not.toThrow();
});
