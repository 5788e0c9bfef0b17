import { ModelError } from "../../errors/model-error.ts";
import { classOf } from "../class-of.ts";
import type { RateLimits } from "./limits.ts";
import type { AcquireOptions, RateLimiter, Refusal, Slot, SlotEnd } from "./rate-limiter.ts";

/**
 * A user's limiter. If it throws or returns an invalid slot before a request, the error names the limiter.
 * If it fails after a request, the error is reported, and the call still returns its answer.
 */
export class GuardedLimiter implements RateLimiter {
  readonly #limiter: RateLimiter;
  readonly #onError: (error: ModelError) => void;

  constructor(limiter: RateLimiter, onError: (error: ModelError) => void) {
    this.#limiter = limiter;
    this.#onError = onError;
  }

  async acquire(options?: AcquireOptions): Promise<Slot> {
    const slot = await this.#orThrow("acquire()", () => this.#limiter.acquire(options), options);
    if (!isSlot(slot)) {
      throw this.#error("acquire()", "returned no slot: expected grantedAt, waitedMs and settle()");
    }
    const settle = (end?: SlotEnd) => this.#orReport("settle()", () => slot.settle(end));
    const { grantedAt, waitedMs } = slot;
    return { grantedAt, waitedMs, settle, [Symbol.asyncDispose]: () => settle() };
  }

  backOff(refusal: Refusal): Promise<void> {
    return this.#orReport("backOff()", () => this.#limiter.backOff(refusal));
  }

  setLimits(limits: RateLimits): Promise<void> {
    return this.#orThrow("setLimits()", () => this.#limiter.setLimits(limits));
  }

  countDay(used: number): Promise<void> {
    return this.#orThrow("countDay()", () => this.#limiter.countDay(used));
  }

  state(): ReturnType<RateLimiter["state"]> {
    return this.#orThrow("state()", () => this.#limiter.state());
  }

  /** @throws {ModelError} the error of a used-up day unchanged, and any other with the name of the limiter; after an abort, what the limiter throws */
  async #orThrow<T>(method: string, work: () => Promise<T>, options?: AcquireOptions): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (ModelError.isInstance(error) || options?.signal?.aborted) throw error;
      throw this.#failed(method, error);
    }
  }

  async #orReport(method: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#onError(this.#failed(method, error));
    }
  }

  #failed(method: string, error: unknown): ModelError {
    const problem = error instanceof Error ? error.message : "with something that is not an error";
    return this.#error(method, `failed: ${problem}`, error);
  }

  #error(method: string, problem: string, cause?: unknown): ModelError {
    const limiter = `The rate limiter${classOf(this.#limiter)}`;
    return new ModelError(
      `${limiter} cannot limit the calls: ${method} ${problem}. Check options.rateLimiter and options.freeModelRateLimiter.`,
      { kind: "unknown_error", reason: "limits_unavailable", isFinal: true },
      { cause },
    );
  }
}

function isSlot(value: unknown): value is Slot {
  const { grantedAt, waitedMs, settle } = (value ?? {}) as Partial<Slot>;
  return (
    Number.isFinite(grantedAt) &&
    Number.isFinite(waitedMs) &&
    (waitedMs ?? -1) >= 0 &&
    typeof settle === "function"
  );
}
