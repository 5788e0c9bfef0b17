import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lexer } from "marked";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root });

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
