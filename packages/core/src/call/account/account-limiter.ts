import { ModelError } from "../../errors/index.ts";
import { unlessAborted } from "../../resilience/index.ts";
import type {
  AcquireOptions,
  RateLimiter,
  Refusal,
  Slot,
} from "../../resilience/rate-limiter/index.ts";

export interface AccountLimiterOptions {
  readonly limiter: RateLimiter;
  /** Whether the limiter may limit a request before the server has refused one. */
  readonly isLimited: boolean;
  /**
   * Sets the limits before the first request.
   *
   * @returns whether there are limits
   */
  readonly prepare: () => Promise<boolean>;
  /** The name of the limit in the error when the requests of the day are used up. */
  readonly describeDay: (error: ModelError) => ModelError;
}

/** A rate limiter of the account that is skipped while it has nothing to limit. */
export class AccountLimiter {
  readonly #options: AccountLimiterOptions;
  #prepared: Promise<boolean> | undefined;
  /** Whether there are limits; `undefined` until it is prepared. */
  #hasLimits: boolean | undefined;
  #hasRefused = false;
  /** End of the latest refusal, in milliseconds since the epoch. */
  #refusedUntil = -Infinity;
  /** Whether there is anything to limit: a setting, or a refusal. */
  mayLimit: boolean;

  constructor(options: AccountLimiterOptions) {
    this.#options = options;
    this.mayLimit = options.isLimited;
  }

  /** @returns `undefined` if no limit applies: then nothing is counted */
  async acquire(options: AcquireOptions): Promise<Slot | undefined> {
    const { limiter, isLimited, describeDay } = this.#options;
    if (!this.mayLimit) return undefined;
    const hasLimits = isLimited && (this.#hasLimits ?? (await this.#prepare(options.signal)));
    if (!hasLimits && !this.#hasRefused) return undefined;
    try {
      return await limiter.acquire(options);
    } catch (error) {
      const isDayUsedUp = ModelError.isInstance(error) && error.kind === "quota_error";
      throw isDayUsedUp ? describeDay(error) : error;
    }
  }

  /** @returns whether no earlier refusal is still in effect */
  async refused(refusal: Refusal, now: number): Promise<boolean> {
    const isNews = now >= this.#refusedUntil;
    this.#refusedUntil = Math.max(this.#refusedUntil, refusal.until);
    this.#hasRefused = true;
    this.mayLimit = true;
    await this.#options.limiter.backOff(refusal);
    return isNews;
  }

  /** Prepares once for all calls. If it fails, only the waiting calls fail, not later ones. */
  async #prepare(signal: AbortSignal | undefined): Promise<boolean> {
    this.#prepared ??= this.#options.prepare().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    this.#hasLimits = await (signal ? unlessAborted(this.#prepared, signal) : this.#prepared);
    return this.#hasLimits;
  }
}
