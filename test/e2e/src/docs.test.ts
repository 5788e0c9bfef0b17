import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { variables } from "@orchestra/core";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

test.each(Object.entries(variables))("docs/configuration.md has %s", (option, { variable }) => {
  expect(read("docs/configuration.md")).toContain(`| \`${variable}\``);
  expect(read("docs/configuration.md")).toContain(`\`${option}\``);
});

describe("links", () => {
  const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root });

  test.each(pages)("those of %s lead somewhere", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, link]) => link ?? "",
    );
    const dead = links.filter((link) => !existsSync(join(root, dirname(page), link)));
    expect(dead).toEqual([]);
  });
});
