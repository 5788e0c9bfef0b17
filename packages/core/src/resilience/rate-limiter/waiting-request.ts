import { nonNegative } from "./limiter-state.ts";
import { onAbort } from "./on-abort.ts";
import type { AcquireOptions, Slot } from "./rate-limiter.ts";
import type { QueuedRequest, RequestQueue } from "./request-queue.ts";

/** A call of `acquire` that waits in the queue, until it gets a slot or fails. */
export class WaitingRequest implements QueuedRequest {
  readonly priority: number;
  readonly tokens: number;
  /** By the clock of this process. */
  readonly askedAt: number;
  readonly signal: AbortSignal | undefined;
  /** The result of `acquire`. */
  readonly slot: Promise<Slot>;
  readonly #queue: RequestQueue<WaitingRequest>;
  readonly #onWait: AcquireOptions["onWait"];
  readonly #resolve: (slot: Slot) => void;
  readonly #reject: (reason: unknown) => void;
  #stopListening: (() => void) | undefined;

  /**
   * @param queue - The request is removed from it when its wait ends.
   * @throws {RangeError} if `tokens` is negative or not finite, or `priority` is `NaN`
   */
  constructor(options: AcquireOptions, queue: RequestQueue<WaitingRequest>, askedAt: number) {
    const { priority = 0, tokens = 0, signal, onWait } = options;
    if (Number.isNaN(priority)) throw new RangeError("priority is NaN: expected a number");
    this.priority = priority;
    this.tokens = wholeTokens(tokens);
    this.askedAt = askedAt;
    this.signal = signal;
    this.#onWait = onWait;
    this.#queue = queue;
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    this.slot = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  grant(slot: Slot): void {
    this.#end();
    this.#resolve(slot);
  }

  fail(reason: unknown): void {
    this.#end();
    this.#reject(reason);
  }

  /**
   * Fails with the signal's reason as soon as it aborts. Called only when the request has to wait:
   * most requests get a slot at once and need no listener.
   *
   * @param onFailed - Called after the failure.
   */
  failOnAbort(onFailed: () => void): void {
    this.#stopListening = onAbort(this.signal, () => {
      this.fail(this.signal?.reason);
      onFailed();
    });
  }

  /**
   * Calls `onWait`. If it throws, the request fails with its error.
   *
   * @returns whether the request still waits
   */
  notifyWait(waitMs: number): boolean {
    try {
      this.#onWait?.(waitMs);
    } catch (error) {
      this.fail(error);
    }
    return this.#queue.has(this);
  }

  get hasWaitListener(): boolean {
    return this.#onWait !== undefined;
  }

  #end(): void {
    this.#queue.remove(this);
    this.#stopListening?.();
  }
}

/**
 * Rounds up, because sums of whole numbers are exact.
 *
 * @throws {RangeError} for a number that is negative or not finite
 */
export function wholeTokens(tokens: number): number {
  return Math.ceil(nonNegative("tokens", tokens));
}
