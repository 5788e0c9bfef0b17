import { createMarkdownRenderer } from "vitepress";
import { expect, test } from "vitest";
import { withoutLinksOut } from "./links-out.ts";

test("links out of docs/ become text; links between pages stay", async () => {
  const md = await createMarkdownRenderer(import.meta.dirname);
  withoutLinksOut(md);
  const page =
    "[the sandbox](../packages/sandbox), [runs](../runs.md), [pipelines](./pipelines.md)";
  const render = (relativePath: string) => md.render(page, { relativePath, path: relativePath });
  const outer = render("agents.md");
  expect(outer).toContain("<span>the sandbox</span>, <span>runs</span>");
  expect(outer).toMatch(/<a href="[^"]*pipelines/);
  const inner = render("decisions/0001-retry.md");
  expect(inner).toMatch(/<a href="[^"]*sandbox/);
  expect(inner).toMatch(/<a href="[^"]*runs/);
});
