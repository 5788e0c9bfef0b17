import { realpath, stat } from "node:fs/promises";
import { basename, dirname, parse, resolve } from "node:path";
import { z } from "zod";
import { checkInput, schemas, sentences } from "@orchestra/core/extend";
import { documentKind, readableFiles } from "./document-kind.ts";
import type { DocumentCollection } from "./documents.ts";
import { DocumentsError } from "./documents-error.ts";
import { FolderCollection } from "./folder-collection.ts";
import { DocumentReader } from "./reading/document-reader.ts";
import type { ReadResult } from "./reading/read-document.ts";
import { walkFolder, type FoundFile, type Walked } from "./reading/walk-folder.ts";
import { PassageIndex } from "./search/passage-index.ts";

import type { SourceDocument } from "./source-document.ts";
import { SourceText } from "./source-text.ts";

export interface OpenDocumentsOptions {
  /** Aborts opening; `openDocuments` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after each file. */
  onProgress?: (progress: DocumentsProgress) => void;
  /**
   * Larger files are skipped. In bytes.
   *
   * @defaultValue 5 MB (`5_000_000`)
   */
  maxFileBytes?: number;
  /**
   * Documents beyond this number are skipped.
   *
   * @defaultValue `10_000`
   */
  maxFiles?: number;
  /**
   * Documents with more characters of text are skipped.
   *
   * @defaultValue `2_000_000`
   */
  maxCharacters?: number;
  /**
   * PDFs with more pages are skipped.
   *
   * @defaultValue `2_000`
   */
  maxPages?: number;
  /**
   * A document that takes longer to read is skipped. In milliseconds.
   *
   * @defaultValue `5_000`
   */
  maxFileMs?: number;
  /**
   * Whether symbolic links that lead out of the folder are followed. Models can read the files that they lead to.
   *
   * @defaultValue `false`
   */
  followLinksOut?: boolean;
  /**
   * Globs of files and folders to ignore. One without a slash is compared with the name at any depth
   * (`CHANGELOG.md`), one with a slash against the path from the root (`docs/old/**`).
   *
   * @defaultValue none; hidden entries and `node_modules` below the root are always ignored
   */
  ignore?: readonly string[];
}

const optionsSchema = z.strictObject({
  signal: schemas.signal.optional(),
  onProgress: schemas.callback.optional(),
  maxFileBytes: schemas.wholeFrom(1).optional(),
  maxFiles: schemas.wholeFrom(1).optional(),
  maxCharacters: schemas.wholeFrom(1).optional(),
  maxPages: schemas.wholeFrom(1).optional(),
  maxFileMs: schemas.durationMs.optional(),
  followLinksOut: z.boolean().optional(),
  ignore: z.array(z.string()).optional(),
} satisfies Record<keyof OpenDocumentsOptions, z.ZodType>);

export interface DocumentsProgress {
  filesRead: number;
  filesFound: number;
}

/**
 * Reads and indexes the Markdown, text, HTML and PDF files of a folder, or a single such file. The collection keeps
 * their text in memory and answers from it: open the folder again to see changes.
 *
 * Files that cannot be used are in `skipped`, with the reason.
 *
 * @throws {DocumentsError} if the folder does not exist or has no readable document
 * @throws {ArgumentError} for arguments of the wrong type
 */
export async function openDocuments(
  folder: string,
  options: OpenDocumentsOptions = {},
): Promise<DocumentCollection> {
  checkInput(schemas.path, folder, "openDocuments()", "folder");
  checkInput(optionsSchema, options, "openDocuments()");
  const { signal, onProgress, maxFileMs = 5_000 } = options;
  const { maxFileBytes = 5_000_000, maxCharacters = 2_000_000, maxPages = 2_000 } = options;
  const limits = { maxFileBytes, maxCharacters, maxPages };
  const { root, files, skipped } = await findFiles(folder, options);
  const collection = new FolderCollection(root, skipped, await PassageIndex.create());
  await using reader = new DocumentReader(maxFileMs);
  let filesRead = 0;
  for (const found of files) {
    const { file, kind, path, size } = found;
    const result = await reader.read({ file, kind, limits }, size, signal);
    signal?.throwIfAborted();
    if ("reason" in result) skipped.push({ path, reason: sentences.withoutStop(result.reason) });
    else await collection.add(asDocument(found, result), result.blocks);
    filesRead += 1;
    onProgress?.({ filesRead, filesFound: files.length });
  }
  if (collection.documents.length === 0) throw nothingReadable(folder, collection, options);
  return collection;
}

function asDocument(
  { path, kind }: FoundFile,
  { text, pages, title, plainText }: Exclude<ReadResult, { reason: string }>,
): SourceDocument {
  return {
    path,
    kind,
    title: title ?? parse(path).name,
    source: pages ? SourceText.paged(pages) : SourceText.unpaged(text),
    ...(plainText !== undefined && { plainText }),
  };
}

async function findFiles(
  folder: string,
  { signal, ignore = [], maxFiles = 10_000, followLinksOut = false }: OpenDocumentsOptions,
): Promise<Walked & { root: string }> {
  signal?.throwIfAborted();
  const path = resolve(folder);
  let stats;
  try {
    stats = await stat(path);
  } catch (cause) {
    throw new DocumentsError(
      `Cannot open documents in "${folder}": there is no readable folder or file ${path}. ` +
        "Give the path of an existing folder, absolute or relative to the working directory.",
      { folder, cause },
    );
  }
  if (stats.isDirectory())
    return {
      root: path,
      ...(await walkFolder(path, { ignore, maxFiles, followLinksOut, signal })),
    };
  const kind = documentKind(path);
  if (!kind || !stats.isFile()) {
    throw new DocumentsError(`Cannot read "${folder}" as a document: expected ${readableFiles}.`, {
      folder,
    });
  }
  return {
    root: dirname(path),
    files: [{ path: basename(path), kind, file: await realpath(path), size: stats.size }],
    skipped: [],
  };
}

function nothingReadable(
  folder: string,
  { skipped }: DocumentCollection,
  { ignore = [] }: OpenDocumentsOptions,
): DocumentsError {
  const [first] = skipped;
  const found = first
    ? `All ${skipped.length} found were skipped, the first, ${first.path}, because it is ${first.reason}.`
    : "None was found; hidden folders and node_modules folders below it are not searched.";
  return new DocumentsError(
    `No readable document in "${folder}": looked for ${readableFiles}. ${found} ` +
      `Name another folder${ignore.length > 0 ? ", or check the option ignore" : ""}.`,
    { folder },
  );
}
