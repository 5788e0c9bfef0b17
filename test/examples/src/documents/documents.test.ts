import { expect, test } from "vitest";
import { runExample } from "../run-example.ts";

test("hybrid-search embeds the documents and each query, and ranks what it finds", async () => {
  const { printed, sandbox } = await runExample(() => import("./hybrid-search.ts"));
  expect(printed).toEqual([[expect.any(String), expect.any(Number)]]);
  const models = new Set(sandbox.books.entries.map(({ modelServed }) => modelServed));
  expect(models).toContain("openai/text-embedding-3-small");
  expect(models).toContain("cohere/rerank-v3.5");
});
