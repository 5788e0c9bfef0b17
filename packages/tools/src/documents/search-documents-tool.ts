import type { RunnableConfig } from "@langchain/core/runnables";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import { checkInput, quoted } from "@orchestra/core/extend";
import { documentsSchema } from "./documents-schema.ts";
import type { Documents, Passage } from "./documents.ts";

const defaultLimit = 8;
const maxPassages = 20;
/** Maximum number of matches that are counted; a model only needs to know whether there are more. */
const maxCounted = 50;

const input = z.object({
  query: z.string().describe("The words to look for: names and key words rather than a sentence."),
  limit: z.coerce
    .number()
    .optional()
    .describe(`Passages to return, ${defaultLimit} by default, ${maxPassages} at most.`),
});

/**
 * The tool `search_documents`. It returns `{ passages: [{ path, line, page?, text }], total }` as JSON; `total` is the
 * number of matches, at most 50. If no word of the query is in the documents, a `note` says so.
 */
export function searchDocumentsTool(documents: Documents): StructuredToolInterface<typeof input> {
  checkInput(documentsSchema, documents, "searchDocumentsTool()", "documents");
  const answer = async ({ query, limit }: z.infer<typeof input>, { signal }: RunnableConfig) =>
    JSON.stringify(await search(documents, query, limit, signal));
  return tool(answer, {
    name: "search_documents",
    description:
      "Search the given documents for passages. Each comes with its path and the line (in a PDF, the page and line) " +
      "on which its text starts; quote it word for word and cite that place. The best passages come first, " +
      "also when none of them answers: then the documents do not say.",
    schema: input,
  });
}

async function search(
  documents: Documents,
  query: string,
  limit: number | undefined,
  signal: AbortSignal | undefined,
) {
  const found = await documents.search(query, { limit: maxCounted, signal });
  const note = noteOn(found, query, documents);
  return {
    ...(note !== undefined && { note }),
    passages: found.slice(0, clampLimit(limit)).map(({ path, line, page, text }) => ({
      path,
      line,
      ...(page !== undefined && { page }),
      text,
    })),
    total: found.length,
  };
}

/** The note for passages that share no word with the query. */
function noteOn(
  found: readonly Passage[],
  query: string,
  { documents }: Documents,
): string | undefined {
  const none = `No word of ${quoted(query)} is in the ${documents.length} documents`;
  if (found.length === 0) {
    return `${none}. Try other words; if they find nothing either, answer that the documents do not say.`;
  }
  if (found.some(({ score }) => score > 0)) return undefined;
  return `${none}; these passages are their beginnings. Search again in the language and the words of the documents.`;
}

function clampLimit(limit = defaultLimit): number {
  // Models send 0 or null (which coerces to 0) to mean "your choice".
  return limit >= 1 ? Math.min(Math.trunc(limit), maxPassages) : defaultLimit;
}
