import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import { checkInput, quoted } from "@orchestra/core/extend";
import { documentsSchema } from "./documents-schema.ts";
import type { Documents, ReadRange } from "./documents.ts";

const maxLines = 200;
const maxCharacters = 12_000;
const maxSuggestions = 10;

const input = z.object({
  path: z.string().describe("The document's path, as search_documents gives it."),
  fromLine: z.coerce.number().optional().describe("First line to read, from 1."),
  toLine: z.coerce
    .number()
    .optional()
    .describe(`Last line to read; at most ${maxLines} lines are returned at once.`),
  page: z.coerce.number().optional().describe("Page to read, from 1; PDF only."),
});

/**
 * The tool `read_document`. It returns `{ path, page?, fromLine, toLine, totalLines, text, note? }` as JSON; the note
 * describes how to continue. For an unknown document or page, `{ error }` lists the existing ones.
 */
export function readDocumentTool(documents: Documents): StructuredToolInterface<typeof input> {
  checkInput(documentsSchema, documents, "readDocumentTool()", "documents");
  return tool(async ({ path, ...range }) => JSON.stringify(await read(documents, path, range)), {
    name: "read_document",
    description:
      "Read lines of one of the given documents, to see what surrounds a passage. Line numbers count from fromLine.",
    schema: input,
  });
}

type Range = Omit<z.infer<typeof input>, "path">;

async function read(documents: Documents, path: string, range: Range) {
  const fromLine = positive(range.fromLine) ?? 1;
  const toLine = Math.min(positive(range.toLine) ?? Infinity, fromLine + maxLines - 1);
  const page = positive(range.page);
  const wanted: ReadRange = { fromLine, toLine, ...(page !== undefined && { page }) };
  const found = await documents.read(path, wanted);
  if (!found) return { error: await whyNot(documents, path, page) };
  if (fromLine > found.totalLines) {
    return { error: `There is no line ${fromLine}: ${found.path} has ${found.totalLines} lines.` };
  }
  const text = wholeLines(found.text);
  const shownTo = found.fromLine + text.split("\n").length - 1;
  const isCut = text.length < found.text.length && !found.text.startsWith(`${text}\n`);
  return {
    ...found,
    toLine: shownTo,
    text,
    ...(isCut
      ? { note: `Line ${shownTo} is longer than can be shown.` }
      : shownTo < found.totalLines && { note: `Read on with fromLine ${shownTo + 1}.` }),
  };
}

/** The lines that fit, or the beginning of the first if it does not fit. */
function wholeLines(text: string): string {
  if (text.length <= maxCharacters) return text;
  const end = text.lastIndexOf("\n", maxCharacters);
  return text.slice(0, end > 0 ? end : maxCharacters);
}

/** Models send 0 or null (which coerces to 0) for fields that they want to omit. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 ? Math.trunc(value) : undefined;
}

async function whyNot(store: Documents, path: string, page: number | undefined): Promise<string> {
  const { documents } = store;
  const existing = await store.read(path, { fromLine: 1, toLine: 1 });
  if (existing && page !== undefined) {
    const pages = documents.find((document) => document.path === existing.path)?.pages;
    return pages === undefined
      ? `${existing.path} has no pages; leave page out.`
      : `There is no page ${page}: ${existing.path} has ${pages} pages.`;
  }
  const name = path.split(/[/\\]/).at(-1)?.toLowerCase() ?? "";
  const alike = documents.filter((candidate) => candidate.path.toLowerCase().endsWith(name));
  const suggestions = (alike.length > 0 ? alike : documents).slice(0, maxSuggestions);
  return (
    `There is no document ${quoted(path)}. Use a path that search_documents gives, ` +
    `such as ${suggestions.map((suggestion) => suggestion.path).join(", ")}.`
  );
}
