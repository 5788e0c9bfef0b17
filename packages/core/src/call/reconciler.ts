import type { Clock } from "../clock/index.ts";
import type { OpenRouterApi } from "../routes/index.ts";
import { noUsage, type Usage } from "../usage/usage.ts";

export interface ReconcilerOptions {
  readonly api: OpenRouterApi;
  readonly clock: Clock;
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

  /** Keeps track of work that no call waits for; {@link flush} waits for it. */
  track(work: Promise<void>): void {
    const done = work.catch(() => undefined).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Resolves when all that is tracked is done. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /** What a generation cost; `undefined` where the server does not know. */
  async find(generationId: string): Promise<Usage | undefined> {
    const { api, clock } = this.#options;
    const path = `/generation?id=${encodeURIComponent(generationId)}`;
    for (const waitMs of waitsMs) {
      if (waitMs > 0) await clock.sleep(waitMs);
      try {
        const body = await api.get(path, answerTimeoutMs);
        if (body !== undefined) return readGeneration(body);
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
