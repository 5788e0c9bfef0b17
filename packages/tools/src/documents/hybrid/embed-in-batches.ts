import type { Vector } from "./vector-cache.ts";

/** Maximum texts of one request, and their characters: providers limit both. */
const maxBatch = 32;
const maxBatchCharacters = 50_000;
/** Maximum concurrent requests. */
const concurrency = 4;
/** Number of refused texts after which a model counts as failing; one, if none has succeeded. */
const maxRefused = 20;

export interface EmbedInBatchesOptions {
  /** Ids of the passages without a vector. */
  readonly ids: readonly number[];
  /** Texts of all passages, by their ids. */
  readonly texts: readonly string[];
  readonly ask: (input: readonly string[], signal: AbortSignal) => Promise<readonly Vector[]>;
  /** Receives the vectors of a batch; returns whether there is room for more. */
  readonly take: (batch: readonly number[], vectors: readonly Vector[]) => boolean;
  /** Receives a passage that the model refused although it accepts others. */
  readonly onRefused: (id: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Requests vectors in batches. If a batch is refused, its halves are requested separately, so that one text that is too
 * long for the model, or that its provider refuses, does not affect the others.
 *
 * @returns the last refusal of a single text
 * @throws the first failure of any other kind; no further request is made
 */
export async function embedInBatches(options: EmbedInBatchesOptions): Promise<unknown> {
  const { ids, texts, ask, take, onRefused, signal } = options;
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let hasRoom = true;
  let hasWorked = false;
  const refused: number[] = [];
  let refusal: unknown;
  const embed = async (batch: readonly number[]): Promise<void> => {
    both.throwIfAborted();
    try {
      const input = batch.map((id) => texts[id] ?? "");
      hasRoom = take(batch, await ask(input, both));
      hasWorked = true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const half = batch.length >> 1;
      if (half > 0) {
        await embed(batch.slice(0, half));
        return embed(batch.slice(half));
      }
      refused.push(...batch);
      if (refused.length > (hasWorked ? maxRefused : 1)) throw error;
      refusal = error;
    }
  };
  const [first = [], ...others] = batchesOf(ids, texts);
  // If the model does not work, one request is enough to detect it.
  if (first.length > 0) await embed(first);
  const left = others.values();
  const work = async () => {
    for (const batch of left) {
      if (!hasRoom) return;
      await embed(batch);
    }
  };
  const workers = Array.from({ length: concurrency }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
  refused.forEach(onRefused);
  return refusal;
}

/** Whether the server refused the request itself, and not its key, its model or the account. */
function isRefusal(error: unknown): boolean {
  const { code, status } = (error ?? {}) as { readonly code?: unknown; readonly status?: unknown };
  return code === "invalid_request_error" && status !== 404;
}

function batchesOf(ids: readonly number[], texts: readonly string[]): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  let characters = 0;
  for (const id of ids) {
    const { length } = texts[id] ?? "";
    const isFull = batch.length === maxBatch || characters + length > maxBatchCharacters;
    if (batch.length === 0 || isFull) {
      batches.push((batch = []));
      characters = 0;
    }
    batch.push(id);
    characters += length;
  }
  return batches;
}
