import type { RateLimits } from "./limits.ts";
import type { Priority } from "./priority.ts";

/**
 * Paces the calls of one account. Every request asks for a {@link Slot} before it is sent.
 *
 * Calls are granted in the order of their priorities, and of their arrival within one. Nobody is
 * overtaken by a call of the same or a lower priority, not even where a smaller one would fit: else
 * small requests would keep a large one waiting for ever. A steady stream of a higher priority does
 * keep lower ones waiting.
 *
 * All state may lie in another place than the process, so every method is asynchronous and
 * takes plain values.
 */
export interface RateLimiter {
  /**
   * Waits until a request may be sent. The caller settles the slot when the request has ended,
   * however it ended; until then it counts as in flight.
   *
   * @throws {ModelError} `quota_error` where the day is used up, unless the limiter was told to wait;
   * `invalid_request_error` where the call needs more tokens than a minute holds, at once, for it
   * could never be granted
   * @throws {RangeError} where `tokens` is negative or not finite, or `priority` is `NaN`
   * @throws the signal's reason, at once; the call then counts nowhere
   */
  acquire(options?: AcquireOptions): Promise<Slot>;
  /**
   * Takes in what the server said when it refused a call in spite of the pacing. The call's slot is
   * settled as ever, after this.
   *
   * @throws {RangeError} where `until` is `NaN`
   */
  backOff(refusal: Refusal): Promise<void>;
  /**
   * Changes the limits that are named, for the calls that already wait too; the others stay. A larger
   * day ends what a refusal said of the smaller one.
   *
   * @throws {RangeError} where one is no limit; nothing changes then
   */
  setLimits(limits: RateLimits): Promise<void>;
  /**
   * Takes over a count of the present UTC day, such as the server's own. Never lowers the count: what
   * was granted here may not have reached the server when it counted.
   */
  countDay(used: number): Promise<void>;
  state(): Promise<RateLimiterState>;
}

export interface AcquireOptions {
  /** Tokens that the call is expected to take, prompt and answer. @defaultValue `0` */
  readonly tokens?: number | undefined;
  /** @defaultValue `0` */
  readonly priority?: Priority | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the call has to wait, and again when a refusal or new limits move everybody's turn.
   *
   * @param waitMs - How long, in milliseconds, as far as the limits by time go: exact for requests
   * within a day where nobody aborts, comes before, is refused or is answered sooner than the margin, a
   * close guess for tokens, and 0 where the call only waits for others to end.
   */
  readonly onWait?: ((waitMs: number) => void) | undefined;
}

/** Leave to send one request. Disposing of it settles it. */
export interface Slot extends AsyncDisposable {
  /** When it was granted, in milliseconds since the epoch. */
  readonly grantedAt: number;
  readonly waitedMs: number;
  /**
   * Ends the request. Only the first call of it counts.
   *
   * Without `tokens` the estimate stays. What was estimated too high is free again at once; what was
   * estimated too low makes the next calls wait the longer.
   */
  settle(end?: SlotEnd): Promise<void>;
}

/** How a request ended. */
export interface SlotEnd {
  /** What it took, prompt and answer. @defaultValue the estimate */
  readonly tokens?: number | undefined;
  /**
   * Whether the server has answered, be it by an error: it counted the request before that, so that
   * no margin is needed for when it arrived.
   *
   * @defaultValue `false`
   */
  readonly isAnswered?: boolean | undefined;
}

/** A refusal that the limits did not foresee: somebody else uses the account, or they are wrong. */
export interface Refusal {
  /** Until when, in milliseconds since the epoch. An instant that has passed teaches nothing. */
  readonly until: number;
  /**
   * - `minute` (429): nobody is granted before `until`.
   * - `day` (429 of the daily quota): the day counts as used up until then.
   * - `concurrency` (402, credit held by calls in flight): half as many at one time until then, and
   *   after it one more every tenth of a window.
   */
  readonly scope: "minute" | "day" | "concurrency";
  /**
   * For `concurrency`, {@link Slot.grantedAt} of the refused call. Of calls that were sent together
   * and refused together the first halves the number; the others say nothing new.
   *
   * @defaultValue now
   */
  readonly grantedAt?: number | undefined;
}

/** What the limiter would say at this instant. Limits that are none are `Infinity`. */
export interface RateLimiterState {
  /** Requests in any minute. */
  readonly limit: number;
  /** Of them, those that are left now. */
  readonly remaining: number;
  /** How long a call would wait that was made now, behind all others, in milliseconds. */
  readonly delayMs: number;
  /** After how long all of the minute's requests are there again, in milliseconds. */
  readonly resetAfterMs: number;
  readonly tokens: { readonly limit: number; readonly remaining: number };
  readonly inFlight: number;
  /** How many may be in flight now; less than the limit after a refusal. */
  readonly maxInFlight: number;
  readonly waiting: number;
  readonly day: {
    readonly limit: number;
    readonly used: number;
    /** When the next day begins, in milliseconds since the epoch, or what a refusal said. */
    readonly resetsAt: number;
  };
}
