import { z } from "zod";
import { ArgumentError, checkInput, schemas } from "@orchestra/core/extend";
import type { DocumentCollection, HybridDocuments } from "../documents.ts";
import { FolderCollection } from "../folder-collection.ts";
import { HybridCollection, reasonOf } from "./hybrid-collection.ts";
import type { HybridModels, SearchFallbackEvent } from "./hybrid-models.ts";
import { createRefill } from "./refill.ts";
import { keyOf } from "./vector-cache.ts";
import { readVectorFile, writeVectorFile, type StoredVectors } from "./vector-file.ts";
import { PassageVectors, type EmbeddingProgress } from "./passage-vectors.ts";

export interface HybridSearchOptions {
  /** Stops the embedding of the documents; `withHybridSearch` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after each request for vectors of the documents. */
  onProgress?: (progress: EmbeddingProgress) => void;
  /** Receives each failure once, until the model works again. @defaultValue a warning of the orchestra's log */
  onWarning?: (message: string) => void;
  /**
   * Folder in which vectors are stored for other processes, up to 256 MB for each model, by the hashes of the
   * texts. It is created if it does not exist.
   *
   * @defaultValue none: vectors are kept in memory, as the index is
   */
  cacheFolder?: string;
  /**
   * Memory for the vectors of the documents. Passages beyond it are found by their words only. In bytes.
   *
   * @defaultValue 256 MB (`268_435_456`)
   */
  maxVectorBytes?: number;
  /**
   * Number of passages of a search that `DOCUMENTS_RERANK_MODEL` ranks.
   *
   * @defaultValue `20`
   */
  rerankLimit?: number;
  /**
   * Maximum time of a model in a search, in milliseconds. After it, the search continues without the model.
   *
   * @defaultValue `10_000`
   */
  searchTimeoutMs?: number;
  /**
   * Time after which a search requests the vectors of passages again whose request failed. The
   * search does not wait for them. The time doubles with each attempt, up to an hour. In milliseconds.
   *
   * @defaultValue `60_000`
   */
  retryAfterMs?: number;
}

const optionsSchema = z.strictObject({
  signal: schemas.signal.optional(),
  onProgress: schemas.callback.optional(),
  onWarning: schemas.callback.optional(),
  cacheFolder: schemas.path.optional(),
  maxVectorBytes: schemas.wholeFrom(1).optional(),
  rerankLimit: schemas.wholeFrom(1).optional(),
  searchTimeoutMs: schemas.durationMs.optional(),
  retryAfterMs: schemas.durationMs.optional(),
} satisfies Record<keyof HybridSearchOptions, z.ZodType>);

const modelsSchema = z.custom<HybridModels>(
  (value) => {
    const { settings, embeddings, rerank } = (value ?? {}) as Partial<HybridModels>;
    return (
      typeof settings === "object" &&
      typeof embeddings?.create === "function" &&
      typeof rerank?.create === "function"
    );
  },
  { error: "must be an Orchestra, as new Orchestra() makes it" },
);

/**
 * Documents whose search also uses models: `DOCUMENTS_EMBEDDING_MODEL` finds passages with the meaning of the
 * query, in addition to those with its words; `DOCUMENTS_RERANK_MODEL` ranks the best of them. If neither is set, the
 * documents are returned unchanged, and no request is made.
 *
 * The passages are embedded before it resolves, in batches, within the account's limits and at its cost. Their
 * vectors stay in memory, also for documents that the same orchestra opens again. If a model fails, a search
 * does not fail: it returns the passages that were found without the model, with a warning in the log and a
 * `search-fallback` event. Missing vectors are requested again later.
 *
 * @param documents - The result of `openDocuments()`.
 * @param orchestra - Its settings name the models.
 * @throws {ArgumentError} for arguments of the wrong type
 * @throws the signal's reason on an abort
 *
 * @example
 * ```ts
 * const documents = await withHybridSearch(await openDocuments("./docs"), orchestra);
 * ```
 */
export async function withHybridSearch(
  documents: DocumentCollection,
  orchestra: HybridModels,
  options: HybridSearchOptions = {},
): Promise<HybridDocuments> {
  checkInput(modelsSchema, orchestra, "withHybridSearch()", "orchestra");
  checkInput(optionsSchema, options, "withHybridSearch()");
  if (!(documents instanceof FolderCollection)) {
    throw new ArgumentError(
      "withHybridSearch(): documents must be the result of await openDocuments(folder): only its passages can be embedded",
    );
  }
  options.signal?.throwIfAborted();
  const { documentsEmbeddingModel: model, documentsRerankModel } = orchestra.settings;
  if (model === undefined && documentsRerankModel === undefined) return documents;
  const onWarning = warnSafely(options.onWarning ?? ((message) => orchestra.logger.warn(message)));
  const onFallback = (fallback: Omit<SearchFallbackEvent, "type">) => {
    onWarning(fallback.message);
    orchestra.emit?.({ type: "search-fallback", ...fallback });
  };
  const { rerankLimit = 20, searchTimeoutMs: timeoutMs = 10_000 } = options;
  const parts = { collection: documents, models: orchestra, rerankLimit, timeoutMs, onFallback };
  if (model === undefined) {
    return new HybridCollection({ ...parts, vectors: undefined, refill: () => undefined });
  }
  const { signal, retryAfterMs = 60_000 } = options;
  const embedding = createEmbedding(documents, orchestra, model, options, onWarning);
  const problem = await embedding.embed();
  signal?.throwIfAborted();
  if (problem !== undefined) onFallback({ endpoint: "embeddings", model, message: problem });
  const refill = createRefill({
    retryAfterMs,
    isNeeded: () => embedding.vectors.canGrow && !signal?.aborted,
    ask: async () => void (await embedding.embed()),
  });
  return new HybridCollection({ ...parts, vectors: embedding.vectors, refill });
}

/** A log that fails must not fail a search. */
function warnSafely(warn: (message: string) => unknown): (message: string) => void {
  return (message) => {
    try {
      const warned = warn(message);
      if (warned instanceof Promise) warned.catch(() => undefined);
    } catch {
      // There is no other place to report it to.
    }
  };
}

interface Embedding {
  readonly vectors: PassageVectors;
  /**
   * Requests the missing vectors, and stores those that arrive. Does not reject.
   *
   * @returns the reason why some are still missing
   */
  readonly embed: () => Promise<string | undefined>;
}

/** The vectors of the passages that the model returns. */
function createEmbedding(
  documents: FolderCollection,
  models: HybridModels,
  model: string,
  { signal, onProgress, cacheFolder, maxVectorBytes = 256 * 2 ** 20 }: HybridSearchOptions,
  onWarning: (message: string) => void,
): Embedding {
  const texts = documents.textsToEmbed();
  const keys = texts.map((text) => keyOf(model, text));
  const vectors = new PassageVectors({ models, model, keys, maxBytes: maxVectorBytes });
  const embed = async () => {
    const stored = await storedVectors(cacheFolder, model, onWarning);
    let reason = "maxVectorBytes leaves no room for more";
    try {
      const refusal = await vectors.embed(texts, stored, signal, onProgress);
      if (refusal !== undefined) reason = reasonOf(refusal);
    } catch (error) {
      if (!signal?.aborted) reason = reasonOf(error);
    }
    // Paid vectors are kept, also after a later error.
    await store(cacheFolder, model, vectors, stored, onWarning);
    const missing = texts.length - vectors.count;
    return missing === 0
      ? undefined
      : `Document search finds ${missing} of ${texts.length} passages only by their words, because ${model} returned no vectors for them: ${reason}`;
  };
  return { vectors, embed };
}

async function storedVectors(
  folder: string | undefined,
  model: string,
  onWarning: (message: string) => void,
): Promise<StoredVectors> {
  if (folder === undefined) return new Map();
  try {
    return await readVectorFile(folder, model);
  } catch (error) {
    onWarning(`Document search could not read the vectors in ${folder}: ${reasonOf(error)}`);
    return new Map();
  }
}

async function store(
  folder: string | undefined,
  model: string,
  vectors: PassageVectors,
  before: StoredVectors,
  onWarning: (message: string) => void,
): Promise<void> {
  if (folder === undefined) return;
  const all = vectors.entries();
  if ([...all.keys()].every((key) => before.has(key))) return;
  // Those of other documents come last: they are omitted first if the file is full.
  for (const [key, vector] of before) if (!all.has(key)) all.set(key, vector);
  try {
    await writeVectorFile(folder, model, all);
  } catch (error) {
    onWarning(`Document search could not keep its vectors in ${folder}: ${reasonOf(error)}`);
  }
}
