import { z } from "zod";
import { checkInput, schemas } from "@orchestra/core/extend";
import type { Citation, SearchDocumentsOptions } from "./documents.ts";

const text = z.string();

const searchOptions = z.strictObject({
  limit: schemas.wholeFrom(1).optional(),
  signal: schemas.signal.optional(),
} satisfies Record<keyof SearchDocumentsOptions, z.ZodType>);

const citation = z.object({ path: text, quote: text } satisfies Partial<
  Record<keyof Citation, z.ZodType>
>);

/** @throws {ArgumentError} for arguments of the wrong type */
export function checkSearch(query: string, options: SearchDocumentsOptions | undefined): void {
  checkInput(text, query, "documents.search()", "query");
  if (options) checkInput(searchOptions, options, "documents.search()");
}

/** @throws {ArgumentError} for a path that is not a text */
export function checkPath(path: string): void {
  checkInput(text, path, "documents.read()", "path");
}

/** @throws {ArgumentError} for a citation without a path or a quotation */
export function checkCitation(given: Citation): void {
  checkInput(citation, given, "documents.locate()", "citation");
}
