import type { Clock } from "../clock/index.ts";
import { noUsage } from "../transport/index.ts";
import type { Usage } from "../usage/call-record.ts";

export interface ReconcilerOptions {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  readonly fetch?: typeof fetch | undefined;
}

/** How long to wait before each question, in milliseconds: OpenRouter books a generation when it has ended. */
const waitsMs = [0, 500, 2000, 8000];
const answerTimeoutMs = 5000;

/**
 * Finds out what a request cost that was cut off before it said so.
 *
 * Source: `GET /generation`, https://openrouter.ai/docs/api-reference/get-a-generation
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Keeps work that nobody waits for in sight, until {@link settled}. */
  track(work: Promise<void>): void {
    const done = work.catch(() => undefined).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Resolves when all that is tracked is done. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /** What a generation cost; `undefined` where nobody knows. */
  async find(generationId: string): Promise<Usage | undefined> {
    const { baseUrl, apiKey, clock, fetch: get = fetch } = this.#options;
    const url = `${baseUrl}/generation?id=${encodeURIComponent(generationId)}`;
    const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
    for (const waitMs of waitsMs) {
      if (waitMs > 0) await clock.sleep(waitMs);
      try {
        const response = await get(url, { headers, signal: AbortSignal.timeout(answerTimeoutMs) });
        if (response.ok) return readGeneration(await response.json());
        await response.body?.cancel();
      } catch {
        // A server that cannot be reached now may be reached later.
      }
    }
    return undefined;
  }
}

function readGeneration(body: unknown): Usage | undefined {
  const { data } = (body ?? {}) as { data?: Record<string, unknown> };
  if (!data) return undefined;
  const read = (...names: string[]) =>
    names.map((name) => data[name]).find((value): value is number => typeof value === "number");
  return {
    ...noUsage,
    promptTokens: read("native_tokens_prompt", "tokens_prompt") ?? 0,
    completionTokens: read("native_tokens_completion", "tokens_completion") ?? 0,
    cachedTokens: read("native_tokens_cached") ?? 0,
    reasoningTokens: read("native_tokens_reasoning") ?? 0,
    costUsd: read("total_cost", "usage") ?? 0,
  };
}
