import type { RateLimits } from "./limits.ts";

/**
 * Limits the rate of one account's requests. Each request acquires a {@link Slot} before it is sent.
 *
 * Slots are granted by priority, and in the order of arrival within a priority. A call never
 * overtakes another one of the same or a higher priority, even if it needs fewer tokens: otherwise
 * small requests could keep a large one waiting forever. A steady stream of a higher priority does
 * keep lower priorities waiting.
 *
 * The state may be outside the process, so all methods are asynchronous and take plain values.
 */
export interface RateLimiter {
  /**
   * Waits until a request may be sent. The caller settles the slot when the request has ended, also
   * if it failed; until then it counts as in flight.
   *
   * @throws {ModelError} `quota_error` if the day's requests are used up, unless the limiter's
   * `onDayExceeded` is `"delay"`; `invalid_request_error` at once if the call needs more tokens than
   * a minute allows
   * @throws {RangeError} if `tokens` is negative or not finite, or `priority` is `NaN`
   * @throws the signal's reason as soon as it aborts; the call then takes no slot
   */
  acquire(options?: AcquireOptions): Promise<Slot>;
  /**
   * Reports that the server refused a request although the limits allowed it. Settle the request's
   * slot as usual after this.
   *
   * @throws {RangeError} if `until` is `NaN`
   */
  backOff(refusal: Refusal): Promise<void>;
  /**
   * Changes the given limits, also for calls that already wait; other limits stay as they are. A
   * larger daily limit cancels an earlier refusal of the day.
   *
   * @throws {RangeError} if one is not a valid limit; nothing changes then
   */
  setLimits(limits: RateLimits): Promise<void>;
  /**
   * Takes over a count of the current UTC day, such as the server's own. Never lowers the count,
   * because the server may not have received all requests when it counted.
   */
  countDay(used: number): Promise<void>;
  state(): Promise<RateLimiterState>;
}

export interface AcquireOptions {
  /** Estimated tokens of the prompt and the answer. @defaultValue `0` */
  readonly tokens?: number | undefined;
  /** Higher goes first; a role's own, such as 2 for the executor. @defaultValue `0` */
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the call has to wait, and again when a refusal or new limits change the wait.
   *
   * @param waitMs - The expected wait in milliseconds, by the limits per minute and day. It is exact
   * for requests within a day, as long as no other call aborts, goes first, is refused or is answered
   * early; it is an estimate for tokens; and it is 0 if the call only waits for others to end.
   */
  readonly onWait?: ((waitMs: number) => void) | undefined;
}

/** Permission to send one request. Disposing settles it. */
export interface Slot extends AsyncDisposable {
  /** When it was granted, in milliseconds since the epoch. */
  readonly grantedAt: number;
  readonly waitedMs: number;
  /**
   * Reports the end of the request. Only the first call has an effect.
   *
   * `tokens` replaces the estimate: tokens that were not used are free again at once, and tokens
   * beyond the estimate make the next calls wait longer.
   */
  settle(end?: SlotEnd): Promise<void>;
}

/** How a request ended. */
export interface SlotEnd {
  /** Tokens of the prompt and the answer. @defaultValue the estimate */
  readonly tokens?: number | undefined;
  /**
   * Whether the server has answered, by an error too. It must have counted the request before it
   * answered, so the safety margin for the request's arrival is not needed.
   *
   * @defaultValue `false`
   */
  readonly isAnswered?: boolean | undefined;
  /**
   * Whether no request was sent after all. The slot is then free again, as if it had never been granted.
   *
   * @defaultValue `false`
   */
  readonly isUnused?: boolean | undefined;
}

/** A refusal although the limits allowed the request: they are wrong, or others use the account too. */
export interface Refusal {
  /** End of the refusal, in milliseconds since the epoch. An instant in the past is ignored. */
  readonly until: number;
  /**
   * - `minute` (429): no slot is granted before `until`.
   * - `day` (429 of the daily quota): the day counts as used up until then.
   * - `concurrency` (402, credit held by requests in flight): until then at most half as many
   *   requests at one time, and one more for each tenth of a window after that.
   */
  readonly scope: "minute" | "day" | "concurrency";
  /**
   * For `concurrency`, {@link Slot.grantedAt} of the refused request. Of requests that were sent and
   * refused together, only the first halves the number.
   *
   * @defaultValue now
   */
  readonly grantedAt?: number | undefined;
}

/** The limiter's state at one instant. A limit that is not set is `Infinity`. */
export interface RateLimiterState {
  /** Requests in any minute. */
  readonly limit: number;
  /** Requests that can be sent now. */
  readonly remaining: number;
  /** How long a new call would wait, after all others, in milliseconds. */
  readonly delayMs: number;
  /** Time until `remaining` equals `limit` again, in milliseconds. */
  readonly resetAfterMs: number;
  readonly tokens: { readonly limit: number; readonly remaining: number };
  readonly inFlight: number;
  /** Requests that may be in flight now; less than the limit after a refusal. */
  readonly maxInFlight: number;
  readonly waiting: number;
  readonly day: {
    readonly limit: number;
    readonly used: number;
    /** Start of the next day, or the end of a refusal, in milliseconds since the epoch. */
    readonly resetsAt: number;
  };
}
