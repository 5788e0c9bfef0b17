import { messageOf } from "@orchestra/core/extend";
import { checkSearch } from "../collection-arguments.ts";
import type {
  Citation,
  DocumentInfo,
  DocumentText,
  HybridDocuments,
  Location,
  Passage,
  ReadRange,
  SearchDocumentsOptions,
  SkippedFile,
} from "../documents.ts";
import type { FolderCollection } from "../folder-collection.ts";
import type { RankedPassage } from "../search/passage-index.ts";
import { fuse } from "./fuse.ts";
import type { HybridModels, SearchFallbackEvent } from "./hybrid-models.ts";
import type { PassageVectors } from "./passage-vectors.ts";

/** Passages of each ranking that are merged. */
const mergedPassages = 50;
/** A longer query is a pasted text, and its first characters are sufficient. */
const maxQueryLength = 2_000;

export interface HybridCollectionOptions {
  readonly collection: FolderCollection;
  readonly models: HybridModels;
  readonly vectors: PassageVectors | undefined;
  /** Passages that are ranked again. */
  readonly rerankLimit: number;
  /** Longest wait for an answer to a search, in milliseconds. */
  readonly timeoutMs: number;
  /** Requests missing vectors again, in the background, when it is time. */
  readonly refill: () => void;
  /** Receives each failure once, until the model works again. */
  readonly onFallback: (fallback: Omit<SearchFallbackEvent, "type">) => void;
}

/**
 * A collection whose passages are found by their words and by their meaning. If a model fails, a search
 * returns the passages that were found without it.
 */
export class HybridCollection implements HybridDocuments {
  readonly #options: HybridCollectionOptions;
  readonly #collection: FolderCollection;
  /** The models that have failed since they last worked: one warning is enough. */
  readonly #failing = new Set<string>();

  constructor(options: HybridCollectionOptions) {
    this.#options = options;
    this.#collection = options.collection;
  }

  get root(): string {
    return this.#collection.root;
  }

  get documents(): readonly DocumentInfo[] {
    return this.#collection.documents;
  }

  get skipped(): readonly SkippedFile[] {
    return this.#collection.skipped;
  }

  async search(query: string, options: SearchDocumentsOptions = {}): Promise<Passage[]> {
    checkSearch(query, options);
    const { signal } = options;
    signal?.throwIfAborted();
    const asked = query.slice(0, maxQueryLength);
    const byWords = this.#collection.rank(query);
    if (asked.trim() === "") return this.#collection.passagesOf(byWords, options);
    const merged = await this.#merged(asked, byWords, signal);
    return this.#collection.passagesOf(await this.#reranked(asked, merged, signal), options);
  }

  read(path: string, range?: ReadRange): DocumentText | undefined {
    return this.#collection.read(path, range);
  }

  locate(citation: Citation): Location | undefined {
    return this.#collection.locate(citation);
  }

  /** The passages with the query's words, and those with a similar meaning. */
  async #merged(
    query: string,
    byWords: readonly RankedPassage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly RankedPassage[]> {
    const { models, vectors, timeoutMs } = this.#options;
    const { documentsEmbeddingModel: model } = models.settings;
    this.#options.refill();
    if (!vectors || vectors.count === 0 || model === undefined) return byWords;
    const nearest = await this.#unlessFailed("embeddings", model, signal, async () => {
      const request = { model, input: [query], input_type: "search_query" };
      const answer = await models.embeddings.create(request, { signal, timeoutMs, failFast: true });
      const [vector] = answer.vectors;
      if (!vector) throw new TypeError(`${model} answered with no vector`);
      return vectors.nearest(vector, mergedPassages);
    });
    if (!nearest || nearest.length === 0) return byWords;
    return [
      ...fuse([byWords.slice(0, mergedPassages), nearest]),
      ...remaining(byWords.slice(mergedPassages), nearest),
    ];
  }

  /** The first passages in the order of their relevance, by a model; the others after them. */
  async #reranked(
    query: string,
    ranking: readonly RankedPassage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly RankedPassage[]> {
    const { models, rerankLimit, timeoutMs } = this.#options;
    const { documentsRerankModel: model } = models.settings;
    const candidates = ranking.slice(0, rerankLimit);
    if (model === undefined || candidates.length < 2) return ranking;
    const results = await this.#unlessFailed("rerank", model, signal, async () => {
      const documents = candidates.map(({ id }) => this.#collection.textOf(id));
      const options = { signal, timeoutMs, failFast: true };
      return (await models.rerank.create({ model, query, documents }, options)).results;
    });
    if (!results) return ranking;
    const first = results.flatMap(({ index }) => candidates[index] ?? []);
    return byPlace([...first, ...remaining(ranking, first)]);
  }

  /** The answer of a model; if it fails, `undefined`, and one warning until it works again. */
  async #unlessFailed<T>(
    endpoint: SearchFallbackEvent["endpoint"],
    model: string,
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const answer = await ask();
      this.#failing.delete(endpoint);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (!this.#failing.has(endpoint)) {
        this.#failing.add(endpoint);
        const message = `Document search works without ${endpoint} until ${model} answers again: ${reasonOf(error)}`;
        this.#options.onFallback({ endpoint, model, message });
      }
      return undefined;
    }
  }
}

/** The failure, without the attempts of the call and advice about chat models. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause);
}

/** The passages of a ranking that are not in another one, with the lowest score. */
function remaining(
  ranking: readonly RankedPassage[],
  first: readonly RankedPassage[],
): RankedPassage[] {
  const ids = new Set(first.map(({ id }) => id));
  return ranking.filter(({ id }) => !ids.has(id)).map(({ id }) => ({ id, score: lowest }));
}

/** Below every score of a merged ranking. */
const lowest = 1e-6;

/** Scores that decrease with the rank, because those of different models are not comparable. */
function byPlace(ranking: readonly RankedPassage[]): RankedPassage[] {
  return ranking.map(({ id }, place) => ({ id, score: 1 / (place + 1) }));
}
