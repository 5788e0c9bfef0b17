import type { Clock } from "../../clock/index.ts";
import type { ModelError } from "../../errors/index.ts";
import {
  GuardedLimiter,
  MemoryRateLimiter,
  freeModelLimits,
  tierLimits,
  type AcquireOptions,
  type RateLimiter,
  type Slot,
} from "../../resilience/rate-limiter/index.ts";
import type { OpenRouterApi } from "../../routes/index.ts";
import { isOpenRouter, type Settings } from "../../settings/index.ts";
import { AccountLimiter } from "./account-limiter.ts";
import { limitsAllRequests, limitsForAll, limitsFreeModels } from "./account-limits.ts";
import { readRefusal, type AccountRefusal } from "./account-refusal.ts";
import { askAccount } from "./ask-account.ts";
import { describeFreeDay, describeOwnDay } from "./describe-day.ts";
import { acquireBoth } from "./acquire-both.ts";

export interface AccountOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly api: OpenRouterApi;
  /** Limits all requests. @defaultValue one in memory, for this process */
  readonly limiter?: RateLimiter | undefined;
  /** Limits requests to free models. @defaultValue one in memory, for this process */
  readonly freeLimiter?: RateLimiter | undefined;
  /** Receives errors of a given limiter that must not fail the call. */
  readonly onError?: ((error: ModelError) => void) | undefined;
}

export interface AccountRequest extends AcquireOptions {
  /** Whether the model is free: OpenRouter limits only free models. */
  readonly isFree: boolean;
}

/**
 * The limits of the OpenRouter account, which all roles and models share.
 *
 * The settings limit all requests; OpenRouter limits requests to free models. See ADR 6.
 */
export class Account {
  /** Limits all requests, as `OPENROUTER_TIER` and the variables say. */
  readonly limiter: RateLimiter;
  /** Limits requests to free models, as OpenRouter does. */
  readonly freeLimiter: RateLimiter;
  readonly #options: AccountOptions;
  /** The limits for all requests; requests to paid models have no others. */
  readonly all: AccountLimiter;
  readonly #free: AccountLimiter;
  /** One request at a time waits for both limits. */
  readonly #turns: RateLimiter;
  #freeRequestsPerDay = Infinity;

  constructor(options: AccountOptions) {
    this.#options = options;
    const { settings, clock } = options;
    const onDayExceeded = settings.onQuota === "wait" ? "delay" : "fail";
    const ofLimiters = {
      clock,
      onDayExceeded,
      maxRefusalMs: settings.refusalMaxDelayMs,
      maxRefusalWaitMs: settings.retryMaxDelayMs,
    } as const;
    const limiterOf = (given: RateLimiter | undefined) =>
      given && given.constructor !== MemoryRateLimiter
        ? new GuardedLimiter(given, options.onError ?? (() => undefined))
        : (given ?? new MemoryRateLimiter(ofLimiters));
    this.limiter = limiterOf(options.limiter);
    this.freeLimiter = limiterOf(options.freeLimiter);
    this.#turns = new MemoryRateLimiter({ clock, limits: { maxConcurrency: 1 } });
    const limits = limitsForAll(settings);
    this.all = new AccountLimiter({
      limiter: this.limiter,
      isLimited: options.limiter !== undefined || limitsAllRequests(settings),
      prepare: async () => {
        await this.limiter.setLimits(limits);
        return true;
      },
      describeDay: (error) => describeOwnDay(error, settings, limits.requestsPerDay, clock.now()),
    });
    this.#free = new AccountLimiter({
      limiter: this.freeLimiter,
      isLimited: options.freeLimiter !== undefined || limitsFreeModels(settings),
      prepare: () => this.#prepareFree(),
      describeDay: (error) => describeFreeDay(error, this.#freeRequestsPerDay, clock.now()),
    });
  }

  /**
   * Waits until a request may be sent. The limit of free models is waited for first, because that wait is longer,
   * and during it the request does not count against the limits of paid models.
   *
   * @returns `undefined` if no limit applies
   * @throws {ModelError} `quota_error` if the requests of the day are used up and `LLM_ON_QUOTA` is `fail`
   * @throws the signal's reason
   */
  async acquire({ isFree, ...options }: AccountRequest): Promise<Slot | undefined> {
    if (!isFree) return this.all.acquire(options);
    if (!this.all.mayLimit) return this.#free.acquire(options);
    const { onWait: _, ...queued } = options;
    const turn = await this.#turns.acquire({ ...queued, tokens: 0 });
    try {
      const slot = await acquireBoth(this.#free, this.all, options);
      return slot && { ...slot, waitedMs: slot.waitedMs + turn.waitedMs };
    } finally {
      await turn.settle();
    }
  }

  /**
   * Records a refusal that the limits did not predict. It delays other calls for at most
   * `LLM_REFUSAL_MAX_DELAY`; a refusal for the day, until the next midnight UTC. A refused free model delays only
   * free models.
   *
   * @param request - `grantedAt`: when the refused request was granted, in milliseconds since the epoch.
   * @returns the refusal if it is the first one since the last refusal has ended
   */
  async refused(
    error: ModelError,
    { grantedAt, isFree }: { readonly grantedAt?: number | undefined; readonly isFree: boolean },
  ): Promise<AccountRefusal | undefined> {
    const { clock, settings } = this.#options;
    const refusal = readRefusal(error, clock.now(), settings.refusalMaxDelayMs);
    if (!refusal) return undefined;
    // Credit in flight belongs to paid models.
    const limiter = isFree && refusal.scope !== "concurrency" ? this.#free : this.all;
    const { scope, until } = refusal;
    return (await limiter.refused({ scope, until, grantedAt }, clock.now())) ? refusal : undefined;
  }

  /** Sets OpenRouter's limits for free models; other servers have none. */
  async #prepareFree(): Promise<boolean> {
    const { settings, api, freeLimiter: given } = this.#options;
    const isLimited = limitsFreeModels(settings);
    const reading = isLimited
      ? await askAccount(api, settings.requestTimeoutMs, settings.maxLookupBytes)
      : undefined;
    const hasLimits = isLimited && (reading !== undefined || isOpenRouter(settings.baseUrl));
    const ofDay = reading && (reading.day?.limit ?? tierLimits[reading.tier].requestsPerDay);
    const isDayLimited = hasLimits && settings.requestsPerDay !== Infinity;
    const isMinuteLimited = hasLimits && settings.requestsPerMinute !== Infinity;
    this.#freeRequestsPerDay = isDayLimited ? (ofDay ?? Infinity) : Infinity;
    await this.freeLimiter.setLimits({
      requestsPerMinute: isMinuteLimited ? freeModelLimits.requestsPerMinute : Infinity,
      // If OpenRouter did not state a limit, a shared limiter keeps the one that another process got.
      requestsPerDay: isDayLimited ? ofDay : Infinity,
      // A shared limiter remembers the limits that it had before.
      tokensPerMinute: Infinity,
      maxConcurrency: Infinity,
    });
    if (reading?.day) await this.freeLimiter.countDay(reading.day.used);
    return hasLimits || given !== undefined;
  }
}
