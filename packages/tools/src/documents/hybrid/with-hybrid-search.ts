import { z } from "zod";
import { ArgumentError, checkInput, schemas } from "@orchestra/core/extend";
import type { DocumentCollection, HybridDocuments } from "../documents.ts";
import { FolderCollection } from "../folder-collection.ts";
import { HybridCollection, messageOf } from "./hybrid-collection.ts";
import type { HybridModels } from "./hybrid-models.ts";
import { PassageVectors, type EmbeddingProgress } from "./passage-vectors.ts";

export interface HybridSearchOptions {
  /** Stops the embedding of the documents; `withHybridSearch` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after each request for vectors of the documents. */
  onProgress?: (progress: EmbeddingProgress) => void;
  /** Receives what failed, once until it works again. @defaultValue a warning of the orchestra's log */
  onWarning?: (message: string) => void;
  /**
   * Memory for the vectors of the documents. Passages beyond it are found by their words alone. In bytes.
   *
   * @defaultValue 256 MB (`268_435_456`)
   */
  maxVectorBytes?: number;
  /**
   * Passages of a search that `DOCUMENTS_RERANK_MODEL` puts in order.
   *
   * @defaultValue `20`
   */
  rerankLimit?: number;
  /**
   * A search does without a model that takes longer to answer. In milliseconds.
   *
   * @defaultValue `10_000`
   */
  searchTimeoutMs?: number;
}

const optionsSchema = z.strictObject({
  signal: schemas.signal.optional(),
  onProgress: schemas.callback.optional(),
  onWarning: schemas.callback.optional(),
  maxVectorBytes: schemas.wholeFrom(1).optional(),
  rerankLimit: schemas.wholeFrom(1).optional(),
  searchTimeoutMs: schemas.durationMs.optional(),
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
 * Documents whose search also uses models: `DOCUMENTS_EMBEDDING_MODEL` finds passages that mean the same as
 * the query, beside those that have its words; `DOCUMENTS_RERANK_MODEL` puts the best of them in order.
 * Where neither is set, the documents are returned as they are, and no request is made.
 *
 * The passages are embedded before it resolves, in batches, at the account's limits and its cost; their
 * vectors stay in memory, also for documents that the same orchestra opens again. A model that fails
 * makes no search fail: what was found without it is returned, and a warning says so.
 *
 * @param documents - What `openDocuments()` resolves to.
 * @param orchestra - Its settings name the models.
 * @throws {ArgumentError} for arguments of the wrong kind
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
      "withHybridSearch(): documents must be what openDocuments() resolves to: only its passages can be embedded",
    );
  }
  options.signal?.throwIfAborted();
  const { documentsEmbeddingModel: model, documentsRerankModel } = orchestra.settings;
  if (model === undefined && documentsRerankModel === undefined) return documents;
  const { onWarning = (message) => void orchestra.logger.warn(message) } = options;
  const { rerankLimit = 20, searchTimeoutMs: timeoutMs = 10_000 } = options;
  const vectors =
    model === undefined ? undefined : await embed(documents, orchestra, model, options, onWarning);
  return new HybridCollection({
    collection: documents,
    models: orchestra,
    vectors,
    rerankLimit,
    timeoutMs,
    onWarning,
  });
}

/** The vectors of the passages, as far as the model answers. */
async function embed(
  documents: FolderCollection,
  models: HybridModels,
  model: string,
  { signal, onProgress, maxVectorBytes = 256 * 2 ** 20 }: HybridSearchOptions,
  onWarning: (message: string) => void,
): Promise<PassageVectors> {
  const texts = documents.textsToEmbed();
  const vectors = new PassageVectors({ models, model, texts, maxBytes: maxVectorBytes });
  let failure = "";
  try {
    await vectors.embed(signal, onProgress);
  } catch (error) {
    signal?.throwIfAborted();
    failure = `: ${messageOf(error)}`;
  }
  if (vectors.count < texts.length) {
    const reason = failure === "" ? ": maxVectorBytes leaves no room for more" : failure;
    onWarning(
      `Document search finds ${texts.length - vectors.count} of ${texts.length} passages by their words alone, because ${model} made no vectors of them${reason}`,
    );
  }
  return vectors;
}
