import { nonNegative } from "./limiter-state.ts";
import { onAbort } from "./on-abort.ts";
import { rankOf } from "./priority.ts";
import type { AcquireOptions, Slot } from "./rate-limiter.ts";
import type { Waiter, WaitingLine } from "./waiting-line.ts";

/** A call that stands in line, until it is granted a slot or fails. */
export class WaitingCall implements Waiter {
  readonly rank: number;
  readonly tokens: number;
  /** On the clock of the process that asks. */
  readonly askedAt: number;
  readonly signal: AbortSignal | undefined;
  /** What the caller gets. */
  readonly slot: Promise<Slot>;
  readonly #line: WaitingLine<WaitingCall>;
  readonly #onWait: AcquireOptions["onWait"];
  readonly #resolve: (slot: Slot) => void;
  readonly #reject: (reason: unknown) => void;
  #stopListening: (() => void) | undefined;

  /**
   * @param line - The line that it joins, and leaves when its wait is over.
   * @throws {RangeError} where `tokens` is negative or not finite, or `priority` is `NaN`
   */
  constructor(options: AcquireOptions, line: WaitingLine<WaitingCall>, askedAt: number) {
    this.rank = rankOf(options.priority ?? 0);
    this.tokens = wholeTokens(options.tokens ?? 0);
    this.askedAt = askedAt;
    this.signal = options.signal;
    this.#onWait = options.onWait;
    this.#line = line;
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    this.slot = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  grant(slot: Slot): void {
    this.#leave();
    this.#resolve(slot);
  }

  fail(reason: unknown): void {
    this.#leave();
    this.#reject(reason);
  }

  /**
   * Fails with the signal's reason as soon as it aborts. Most calls are granted at once, and need no
   * ear for it.
   *
   * @param then - Called after it has failed so.
   */
  failOnAbort(then: () => void): void {
    this.#stopListening = onAbort(this.signal, () => {
      this.fail(this.signal?.reason);
      then();
    });
  }

  /**
   * Tells the caller how long it has to wait. A caller that throws has failed with what it threw.
   *
   * @returns whether it still waits
   */
  tell(waitMs: number): boolean {
    try {
      this.#onWait?.(waitMs);
    } catch (error) {
      this.fail(error);
    }
    return this.#line.has(this);
  }

  /** Whether anybody wants to be told. */
  get listens(): boolean {
    return this.#onWait !== undefined;
  }

  #leave(): void {
    this.#line.leave(this);
    this.#stopListening?.();
  }
}

/**
 * Sums of whole numbers are exact.
 *
 * @throws {RangeError} for what is not finite or less than 0
 */
export function wholeTokens(tokens: number): number {
  return Math.ceil(nonNegative("tokens", tokens));
}
