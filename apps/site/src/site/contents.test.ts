import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentsOf, sidebarOf } from "./contents.ts";

const docs = join(import.meta.dirname, "../../../../docs");
const index = readFileSync(join(docs, "README.md"), "utf8");

const example = `# Documentation

## Start

- [README](../README.md): what it is.
- [Runs](./runs.md): start and follow.

## Decisions

- [1. Retry](./decisions/0001-retry.md): who retries.
`;

test("every page of docs/ is listed in docs/README.md, once", () => {
  const listed = sidebarOf(index).flatMap(({ items = [] }) =>
    items.map(({ link }) => String(link)),
  );
  const pages = globSync("**/*.md", { cwd: docs })
    .filter((path) => path !== "README.md")
    .map((path) => `/${path.replace(/\.md$/, "")}`);
  expect(listed.toSorted()).toEqual(pages.toSorted());
});

test("the side bar has the groups and pages of the list, without links out of docs/", () => {
  expect(sidebarOf(example)).toEqual([
    { text: "Start", items: [{ text: "Runs", link: "/runs" }] },
    { text: "Decisions", items: [{ text: "1. Retry", link: "/decisions/0001-retry" }] },
  ]);
});

test("llms.txt has the description of each page", () => {
  expect(contentsOf(example)).toBe(`### Start

- [Runs](/runs.md): start and follow.

### Decisions

- [1. Retry](/decisions/0001-retry.md): who retries.`);
});
