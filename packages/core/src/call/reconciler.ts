import type { Clock } from "../clock/index.ts";
import { ModelError } from "../errors/index.ts";
import type { ApiAnswer, OpenRouterApi } from "../routes/index.ts";
import type { LateUsage } from "../usage/response-metadata.ts";
import { isFeeAlone, isZeroCost, readUsage } from "../usage/usage.ts";

export interface ReconcilerOptions {
  readonly api: OpenRouterApi;
  readonly clock: Clock;
  /** Maximum size of an answer, in bytes. */
  readonly maxBytes: number;
}

/** How long to wait before each request, in milliseconds: OpenRouter books a generation when it has ended. */
const waitsMs = [0, 500, 2000, 8000];
const answerTimeoutMs = 5000;
/** Maximum time of one look-up, in milliseconds. */
const maxFindMs = waitsMs.reduce((sum, waitMs) => sum + waitMs + answerTimeoutMs, 0);

/**
 * Finds the cost of a request that was cut off before its cost arrived.
 *
 * Source: `GET /generation`, https://openrouter.ai/docs/api-reference/get-a-generation
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #pending = new Set<Promise<void>>();
  /** Whether the server may support `GET /generation`; `false` after one response that shows that it does not. */
  #hasGenerations = true;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Keeps track of work that no call waits for; {@link flush} waits for it. */
  track(work: Promise<void>): void {
    const done = work.catch(() => undefined).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Resolves when all tracked work is done. Until then the process stays alive. */
  async flush(): Promise<void> {
    const release = this.#options.clock.after(maxFindMs, () => undefined);
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    release();
  }

  /** The cost of a generation; `undefined` if the server does not have it. Does not keep the process alive. */
  async find(generationId: string): Promise<LateUsage | undefined> {
    const path = `/generation?id=${encodeURIComponent(generationId)}`;
    for (const waitMs of waitsMs) {
      if (waitMs > 0) await this.#wait(waitMs);
      if (!this.#hasGenerations) return undefined;
      try {
        const answer = await this.#options.api.get(path, {
          timeoutMs: answerTimeoutMs,
          maxBytes: this.#options.maxBytes,
          setting: "LLM_MAX_LOOKUP_BYTES",
        });
        if (answer.status < 300) return readGeneration(answer.body);
        if (hasNoSuchRoute(answer)) this.#hasGenerations = false;
      } catch (error) {
        // A redirect, or an answer that is too large, will not change. A server that cannot be reached
        // now may be reached later.
        const isAnswer = ModelError.isInstance(error) && error.kind === "invalid_response_error";
        if (isAnswer) return undefined;
      }
    }
    return undefined;
  }

  /**
   * Repeats a request, within the time of a look-up of a generation.
   *
   * @param ask - Resolves to `undefined` if the answer may come later.
   */
  async untilKnown<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    for (const waitMs of waitsMs) {
      if (waitMs > 0) await this.#wait(waitMs);
      const answer = await ask();
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #wait(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.clock.after(waitMs, resolve, true);
    await promise;
  }
}

/** Whether the server does not have this route. OpenRouter's 404 for a generation that is not booked yet has a code. */
function hasNoSuchRoute({ status, body }: ApiAnswer): boolean {
  if (status === 405 || status === 501) return true;
  const { error } = (body ?? {}) as { readonly error?: { readonly code?: unknown } | null };
  return status === 404 && error?.code !== 404;
}

/** The usage in the format of a completion; `undefined` if it has no valid numbers. */
function readGeneration(body: unknown): LateUsage | undefined {
  const { data } = (body ?? {}) as { data?: Readonly<Record<string, unknown>> | null };
  if (!data) return undefined;
  const cost = data["total_cost"] ?? data["usage"];
  const fields = {
    prompt_tokens: data["native_tokens_prompt"] ?? data["tokens_prompt"],
    completion_tokens: data["native_tokens_completion"] ?? data["tokens_completion"],
    cached_tokens: data["native_tokens_cached"],
    reasoning_tokens: data["native_tokens_reasoning"],
    cost,
    is_byok: data["is_byok"] ?? false,
    cost_details: { upstream_inference_cost: data["upstream_inference_cost"] },
  };
  const usage = readUsage(fields);
  const isKnown = (usage.costUsd > 0 || isZeroCost(cost)) && !isFeeAlone(fields);
  if (isKnown) return { usage, costSource: "server" };
  return usage.promptTokens + usage.completionTokens > 0 ? { usage } : undefined;
}
