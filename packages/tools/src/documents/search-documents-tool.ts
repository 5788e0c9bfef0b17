import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import { checkInput, quoted } from "@orchestra/core/extend";
import { documentsSchema } from "./documents-schema.ts";
import type { Documents } from "./documents.ts";

const defaultLimit = 8;
const mostPassages = 20;
/** How far matches are counted; a model only needs to know whether there is more. */
const mostCounted = 50;

const input = z.object({
  query: z.string().describe("The words to look for: names and key words rather than a sentence."),
  limit: z.coerce
    .number()
    .optional()
    .describe(`Passages to return, ${defaultLimit} by default, ${mostPassages} at most.`),
});

/**
 * The tool `search_documents`. It answers `{ passages: [{ path, line, page?, text }], total }` as JSON, `total` being
 * the matches counted up to 50, or `{ passages: [], note }` when the documents do not say.
 */
export function searchDocumentsTool(documents: Documents): StructuredToolInterface<typeof input> {
  checkInput(documentsSchema, documents, "searchDocumentsTool()", "documents");
  return tool(async ({ query, limit }) => JSON.stringify(await search(documents, query, limit)), {
    name: "search_documents",
    description:
      "Search the given documents for passages. Each comes with its path and the line (in a PDF, the page and line) " +
      "on which its text starts; quote it word for word and cite that place. When nothing matches, the documents do not say.",
    schema: input,
  });
}

async function search(documents: Documents, query: string, limit: number | undefined) {
  const found = await documents.search(query, { limit: mostCounted });
  if (found.length === 0) {
    const note =
      `Nothing in the ${documents.documents.length} documents matches ${quoted(query)}. ` +
      "Try fewer or other key words; if that finds nothing either, answer that the documents do not say.";
    return { passages: [], note };
  }
  return {
    passages: found.slice(0, clampLimit(limit)).map(({ path, line, page, text }) => ({
      path,
      line,
      ...(page !== undefined && { page }),
      text,
    })),
    total: found.length,
  };
}

function clampLimit(limit = defaultLimit): number {
  // Models send 0 or null (which coerces to 0) to mean "your choice".
  return limit >= 1 ? Math.min(Math.trunc(limit), mostPassages) : defaultLimit;
}
