import { readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { decodeText } from "./decode-text.ts";
import type { SkippedFile } from "./documents.ts";
import { extractHtml } from "./extract/html.ts";
import type { Extracted } from "./extract/extracted.ts";
import { extractMarkdown } from "./extract/markdown.ts";
import { extractPdf } from "./extract/pdf.ts";
import { extractText } from "./extract/text.ts";
import type { SourceDocument } from "./source-document.ts";
import type { FoundFile } from "./walk-folder.ts";

/** Enough to keep a disk busy while a document is being indexed. */
const readsAtOnce = 16;

/** Reads and extracts files, a few ahead, and answers in the order given. A file that cannot be used never throws. */
export async function* readFiles(
  root: string,
  files: readonly FoundFile[],
  maxFileBytes: number,
): AsyncGenerator<SourceDocument | SkippedFile> {
  const ahead: Promise<SourceDocument | SkippedFile>[] = [];
  for (const file of files) {
    ahead.push(readDocument(root, file, maxFileBytes));
    const next = ahead.length < readsAtOnce ? undefined : ahead.shift();
    if (next) yield await next;
  }
  yield* ahead;
}

async function readDocument(
  root: string,
  { path, kind, size }: FoundFile,
  maxFileBytes: number,
): Promise<SourceDocument | SkippedFile> {
  if (size > maxFileBytes) {
    return { path, reason: `too large: ${size} bytes, more than maxFileBytes (${maxFileBytes})` };
  }
  try {
    const extracted = await extract(kind, await readFile(join(root, path)));
    if ("reason" in extracted) return { path, reason: extracted.reason };
    if (extracted.source.text.trim() === "") return { path, reason: "empty" };
    return { ...extracted, path, kind, title: extracted.title ?? parse(path).name };
  } catch (error) {
    return {
      path,
      reason: `unreadable: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function extract(
  kind: FoundFile["kind"],
  bytes: Uint8Array,
): Promise<Extracted | { reason: string }> {
  if (kind === "pdf") return extractPdf(bytes);
  const decoded = decodeText(bytes);
  if ("reason" in decoded) return decoded;
  const extractors = { markdown: extractMarkdown, text: extractText, html: extractHtml };
  return extractors[kind](decoded.text);
}
