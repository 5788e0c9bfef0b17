import { setImmediate } from "node:timers/promises";
import type { RankedPassage } from "../search/passage-index.ts";
import { embedInBatches } from "./embed-in-batches.ts";
import type { HybridModels } from "./hybrid-models.ts";
import { cacheOf, type Vector } from "./vector-cache.ts";
import type { StoredVectors } from "./vector-file.ts";

/** Multiplications in one turn of the event loop: some milliseconds. */
const maxProductsPerTurn = 4_000_000;

export interface PassageVectorsOptions {
  readonly models: HybridModels;
  readonly model: string;
  /** The cache key of each passage's vector, by the passage's id. */
  readonly keys: readonly string[];
  /** Maximum bytes of all vectors. */
  readonly maxBytes: number;
}

export interface EmbeddingProgress {
  /** Number of passages with a vector, including those of the cache. */
  readonly passagesEmbedded: number;
  readonly passagesFound: number;
}

/** The vectors of a collection's passages, and the search for those near to a query. */
export class PassageVectors {
  readonly #options: PassageVectorsOptions;
  readonly #vectors: (Vector | undefined)[];
  /** Passages whose texts the model refused: it will refuse them again. */
  readonly #refused = new Set<number>();
  #dimensions: number | undefined;
  #count = 0;

  constructor(options: PassageVectorsOptions) {
    this.#options = options;
    this.#vectors = Array.from({ length: options.keys.length });
  }

  /** Passages that have a vector. */
  get count(): number {
    return this.#count;
  }

  /** Whether another request may bring more vectors. */
  get canGrow(): boolean {
    const isMissing = this.#vectors.some((vector, id) => !vector && !this.#refused.has(id));
    return isMissing && this.#count < this.#capacity;
  }

  /** The vectors, for other processes. */
  entries(): Map<string, Vector> {
    const found = this.#vectors.flatMap((vector, id): [string, Vector][] =>
      vector ? [[this.#options.keys[id] ?? "", vector]] : [],
    );
    return new Map(found);
  }

  /** How many more vectors have room. */
  get #capacity(): number {
    const bytes = (this.#dimensions ?? 1) * Float32Array.BYTES_PER_ELEMENT;
    return Math.floor(this.#options.maxBytes / bytes);
  }

  /**
   * Requests the missing vectors, except those of texts that were refused. Vectors that have arrived are kept
   * if a later request fails.
   *
   * @param texts - The texts of the passages, by their ids.
   * @param stored - Vectors that need not be requested.
   * @returns the reason why a text was refused, if one was
   * @throws the first failure of any other kind; no further request is made
   */
  async embed(
    texts: readonly string[],
    stored: StoredVectors,
    signal: AbortSignal | undefined,
    onProgress?: (progress: EmbeddingProgress) => void,
  ): Promise<unknown> {
    const { keys, models, model } = this.#options;
    const cache = cacheOf(models);
    const missing: number[] = [];
    for (const [id, key] of keys.entries()) {
      if (this.#vectors[id] || this.#refused.has(id)) continue;
      const known = cache.get(key) ?? stored.get(key);
      if (known) this.#add(id, known);
      else missing.push(id);
    }
    const reportProgress = () =>
      onProgress?.({ passagesEmbedded: this.#count, passagesFound: this.#vectors.length });
    if (this.#count > 0) reportProgress();
    return embedInBatches({
      ids: missing,
      texts,
      signal,
      onRefused: (id) => this.#refused.add(id),
      ask: async (input, both) => {
        const request = { model, input, input_type: "search_document" };
        return (await models.embeddings.create(request, { signal: both })).vectors;
      },
      take: (batch, vectors) => {
        for (const [place, id] of batch.entries()) {
          const vector = vectors[place];
          if (vector) this.#add(id, normalized(vector));
        }
        reportProgress();
        return this.#count < this.#capacity;
      },
    });
  }

  /** @throws {TypeError} for a vector with other dimensions than earlier ones */
  #add(id: number, vector: Vector): void {
    this.#checkDimensions(vector);
    if (this.#count >= this.#capacity) return;
    this.#vectors[id] = vector;
    this.#count += 1;
    cacheOf(this.#options.models).set(this.#options.keys[id] ?? "", vector);
  }

  #checkDimensions({ length }: Vector): void {
    this.#dimensions ??= length;
    if (length === this.#dimensions) return;
    throw new TypeError(
      `${this.#options.model} answered with ${length} dimensions, and before with ${this.#dimensions}`,
    );
  }

  /**
   * The passages nearest to a query, by the cosine of the angle between their vectors.
   *
   * @throws {TypeError} for a vector of other dimensions than the passages'
   */
  async nearest(query: Vector, limit: number): Promise<RankedPassage[]> {
    this.#checkDimensions(query);
    const direction = normalized(query);
    const rowsPerTurn = Math.max(1, Math.floor(maxProductsPerTurn / query.length));
    const found: RankedPassage[] = [];
    for (const [id, vector] of this.#vectors.entries()) {
      if (id > 0 && id % rowsPerTurn === 0) await setImmediate();
      const score = vector ? product(direction, vector) : 0;
      if (score > 0) found.push({ id, score });
    }
    return found.toSorted((a, b) => b.score - a.score).slice(0, limit);
  }
}

/** The vector with the length 1, so that a product is a cosine; a vector of zeros is not changed. */
function normalized(vector: Vector): Vector {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function product(a: Vector, b: Vector): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}
