import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { test } from "vitest";
import { documentTools, openDocuments } from "./index.ts";
test("x", async () => {
  const d = await openDocuments("packages/core/node_modules/zod");
  for (const t of documentTools(d)) console.log(JSON.stringify(convertToOpenAITool(t), null, 1));
});
