import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { DocumentKind } from "../document-kind.ts";
import { extractHtml } from "../extract/html.ts";
import type { Block, Extracted } from "../extract/extracted.ts";
import { extractMarkdown } from "../extract/markdown.ts";
import { extractPdf } from "../extract/pdf.ts";
import { extractText } from "../extract/text.ts";
import { decodeText } from "./decode-text.ts";

/** The limits for one file; `OpenDocumentsOptions` has the defaults. */
export interface ReadLimits {
  readonly maxFileBytes: number;
  /** Maximum characters of the text. */
  readonly maxCharacters: number;
  /** PDF only. */
  readonly maxPages: number;
}

export interface ReadRequest {
  /** The path of the file itself, without links. */
  readonly file: string;
  readonly kind: DocumentKind;
  readonly limits: ReadLimits;
}

/** A document's text in a form that threads can pass on, or the reason why there is none. */
export type ReadResult =
  | {
      readonly text: string;
      /** The texts of the pages; PDF only. */
      readonly pages: readonly string[] | undefined;
      readonly title: string | undefined;
      readonly blocks: readonly Block[];
      readonly plainText: string | undefined;
    }
  | { readonly reason: string };

/** Reads one file and extracts its text. Never rejects. */
export async function readDocument({ file, kind, limits }: ReadRequest): Promise<ReadResult> {
  try {
    const bytes = await readBytes(file, limits.maxFileBytes);
    if ("reason" in bytes) return bytes;
    const extracted = await extract(kind, bytes, limits);
    if ("reason" in extracted) return extracted;
    const { source, title, blocks, plainText } = extracted;
    if (source.text.trim() === "") return { reason: "empty" };
    const tooLong = tooLongReason(source.text, limits);
    if (tooLong !== undefined) return { reason: tooLong };
    return { text: source.text, pages: source.pageTexts(), title, blocks, plainText };
  } catch (error) {
    return { reason: `unreadable: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The bytes of a regular file. A pipe or a link that has replaced it since it was found is not opened. */
async function readBytes(
  path: string,
  maxFileBytes: number,
): Promise<Uint8Array | { reason: string }> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  await using file = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  const stats = await file.stat();
  if (!stats.isFile()) return { reason: "not a regular file" };
  if (stats.size > maxFileBytes) return tooLarge(stats.size, maxFileBytes);
  const bytes = await readAtMost(file, maxFileBytes + 1);
  return bytes.length > maxFileBytes ? tooLarge(bytes.length, maxFileBytes) : bytes;
}

function tooLarge(size: number, maxFileBytes: number): { reason: string } {
  return { reason: `too large: ${size} bytes, more than maxFileBytes (${maxFileBytes})` };
}

/** A file may grow while it is read, and some have a size of 0 and no end. */
async function readAtMost(file: FileHandle, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < most) {
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.alloc(Math.min(most - total, 1 << 20)),
    });
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

async function extract(
  kind: DocumentKind,
  bytes: Uint8Array,
  limits: ReadLimits,
): Promise<Extracted | { reason: string }> {
  if (kind === "pdf") return extractPdf(bytes, limits.maxPages);
  const decoded = decodeText(bytes, kind === "html");
  if ("reason" in decoded) return decoded;
  // Markup is parsed before the length is checked, because a page may have long scripts and little text.
  const tooLong = kind === "html" ? undefined : tooLongReason(decoded.text, limits);
  if (tooLong !== undefined) return { reason: tooLong };
  const extractors = { markdown: extractMarkdown, text: extractText, html: extractHtml };
  return extractors[kind](decoded.text);
}

function tooLongReason(text: string, { maxCharacters }: ReadLimits): string | undefined {
  if (text.length <= maxCharacters) return undefined;
  return `too long: ${text.length} characters, more than maxCharacters (${maxCharacters})`;
}
