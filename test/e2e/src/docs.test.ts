import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { variables, type Variable } from "@orchestra/core";
import { runtimeVariables } from "@orchestra/runtime";
import { lexer, type Token, type Tokens } from "marked";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root });

describe("docs/configuration.md", () => {
  const rows = tablesOf(read("docs/configuration.md")).flatMap(rowsOf);
  const rowOf = (name: string) => {
    const found = rows.filter(({ variable }) => variable === `\`${name}\``);
    expect(found).toHaveLength(1);
    return found[0] ?? {};
  };

  test.each(Object.entries<Variable<unknown>>(variables))("has a row of %s", (option, setting) => {
    const row = rowOf(setting.variable);
    expect(row["option"]).toBe(`\`${option}\``);
    expect(row["what it does"]).toMatch(/\.$/);
    expect(defaultIn(row, setting.read)).toEqual(withoutEmpty(setting.defaultValue));
  });

  test.each(runtimeVariables)("has a row of $name", ({ name, option, schema }) => {
    const row = rowOf(name);
    expect(row["option"]).toBe(`\`${option}\``);
    expect(defaultIn(row, (text) => schema.parse(text))).toEqual(schema.parse(undefined));
  });

  test("has rows of nothing else", () => {
    const known = new Set<string>([
      ...Object.values(variables).map(({ variable }) => variable),
      ...runtimeVariables.map(({ name }) => name),
    ]);
    const documented = rows.flatMap(({ variable }) => variable?.replaceAll("`", "") ?? []);
    expect(documented.filter((name) => !known.has(name))).toEqual([]);
  });
});

test.each(pages)("every table row of %s is in a table", (page) => {
  const loose = lexer(read(page)).filter(
    ({ type, raw }) => type === "paragraph" && /^\|/m.test(raw),
  );
  expect(loose.map(({ raw }) => raw)).toEqual([]);
});

describe("links", () => {
  test.each(pages)("those of %s lead somewhere", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, link]) => link ?? "",
    );
    const dead = links.filter((link) => !existsSync(join(root, dirname(page), link)));
    expect(dead).toEqual([]);
  });
});

function tablesOf(page: string): Tokens.Table[] {
  return lexer(page).filter((token: Token): token is Tokens.Table => token.type === "table");
}

/** Each row as the texts of its cells by the header of their column. */
function rowsOf({ header, rows }: Tokens.Table): Readonly<Record<string, string>>[] {
  return rows.map((cells) =>
    Object.fromEntries(cells.map(({ text }, index) => [header[index]?.text ?? "", text])),
  );
}

/** A default in code format is the text of the variable; anything else describes that there is none. */
function defaultIn(row: Readonly<Record<string, string>>, readText: (text: string) => unknown) {
  const text = /^`(.*)`$/.exec(row["default"] ?? "")?.[1];
  expect(row["default"]).not.toBe("");
  return text === undefined ? undefined : readText(text);
}

function withoutEmpty(value: unknown): unknown {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? undefined : value;
}
