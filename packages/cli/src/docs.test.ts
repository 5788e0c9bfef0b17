import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exampleConfig } from "./config/example.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Code that is type-checked. `examples.long.test.ts` runs it. */
const examples = readdirSync(join(import.meta.dirname, "examples"))
  .filter((name) => !name.endsWith(".test.ts"))
  .flatMap((name) => regionsOf(read(`packages/cli/src/examples/${name}`)));

/** All code that tests run. */
const known = new Set([
  ...examples,
  exampleConfig.trimEnd(),
  read("deploy/worker/orchestra.config.ts").trimEnd(),
]);

function regionsOf(source: string): string[] {
  const regions = source.matchAll(/^ *\/\/ #region [^\n]*\n(.*?)^ *\/\/ #endregion$/gms);
  return [...regions].map(([, code = ""]) => dedented(code));
}

function dedented(code: string): string {
  const indents = code.match(/^ *(?=\S)/gm) ?? [];
  const indent = Math.min(...indents.map(({ length }) => length));
  return code.replaceAll(new RegExp(`^ {${indent}}`, "gm"), "").trimEnd();
}

describe.each(["docs/runs.md", "docs/deployment.md", "packages/cli/README.md"])("%s", (path) => {
  const page = read(path);

  test("contains only code that is type-checked and tested", () => {
    const shown = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) =>
      code.trimEnd(),
    );
    expect(shown.filter((code) => !known.has(code))).toEqual([]);
  });

  test("has only links to pages and sections that exist", () => {
    const dead = [...page.matchAll(/\]\((\.{1,2}\/[^)#\s]+|)(#[^)\s]+)?\)/g)].filter(
      ([, to = "", section]) => !isThere(join(path, "..", to || path.split("/").at(-1)!), section),
    );
    expect(dead.map(([link]) => link)).toEqual([]);
  });
});

test("the pages contain all examples", () => {
  expect(examples.length).toBeGreaterThan(10);
  const pages = ["docs/runs.md", "docs/deployment.md"].map(read).join("\n");
  expect(examples.filter((code) => !pages.includes(code))).toEqual([]);
});

function isThere(path: string, section: string | undefined): boolean {
  if (section === undefined)
    return readdirSync(join(root, path, "..")).includes(path.split("/").at(-1)!);
  const headings = [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  return headings.includes(section.slice(1));
}
