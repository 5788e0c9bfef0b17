import { expect, test } from "vitest";
import { withoutLinksOut } from "./links-out.ts";

test("links out of docs/ become text; links between pages stay", () => {
  const { transform } = withoutLinksOut("/site/docs");
  const page =
    "[the sandbox](../packages/sandbox), [runs](../runs.md), [pipelines](./pipelines.md)";
  const outer = transform(page, "/site/docs/agents.md");
  expect(outer).toBe("the sandbox, runs, [pipelines](./pipelines.md)");
  expect(transform(page, "/site/docs/decisions/0001-retry.md")).toBe(page);
  const higher = transform("[the license](../../LICENSE)", "/site/docs/decisions/0001-retry.md");
  expect(higher).toBe("the license");
  expect(transform(page, "/site/README.md")).toBeUndefined();
});
