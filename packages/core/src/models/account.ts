import type { Clock } from "../clock/index.ts";
import type { ModelError } from "../errors/index.ts";
import {
  createRateLimiter,
  readTier,
  tierLimits,
  type AcquireOptions,
  type RateLimiter,
  type RateLimits,
  type Refusal,
  type Slot,
} from "../resilience/rate-limiter/index.ts";
import type { Settings } from "../settings/index.ts";

export interface AccountOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly fetch?: typeof fetch | undefined;
  /** @defaultValue one in memory, for this process alone */
  readonly limiter?: RateLimiter | undefined;
}

/** The OpenRouter account: the one scarce thing that all roles and models share. */
export class Account {
  readonly limiter: RateLimiter;
  readonly #options: AccountOptions;
  #known: Promise<void> | undefined;
  #hasRefused = false;

  constructor(options: AccountOptions) {
    this.#options = options;
    const { settings, clock } = options;
    this.limiter =
      options.limiter ??
      createRateLimiter({ clock, onDayExceeded: settings.onQuota === "wait" ? "delay" : "fail" });
  }

  /**
   * Waits for leave to send a request.
   *
   * @returns nothing where the settings lift every limit and the account has never refused a request:
   * then there is nothing to count
   */
  async acquire(options: AcquireOptions): Promise<Slot | undefined> {
    if (this.#isUnlimited && !this.#hasRefused) return undefined;
    this.#known ??= this.#learn();
    await this.#known;
    return this.limiter.acquire(options);
  }

  get #isUnlimited(): boolean {
    const { settings, limiter } = this.#options;
    const { requestsPerMinute, requestsPerDay, tokensPerMinute, maxConcurrency } = settings;
    if (limiter || requestsPerMinute !== Infinity || requestsPerDay !== Infinity) return false;
    return [tokensPerMinute, maxConcurrency].every((limit = Infinity) => limit === Infinity);
  }

  /**
   * Takes in a refusal that the limits did not foresee.
   *
   * @param grantedAt - When the refused request was granted, in milliseconds since the epoch.
   */
  async refused(error: ModelError, grantedAt?: number): Promise<void> {
    const scope = scopeOf(error);
    if (!scope || error.retryAfterMs === undefined) return;
    this.#hasRefused = true;
    const until = this.#options.clock.now() + error.retryAfterMs;
    await this.limiter.backOff({ until, scope, grantedAt });
  }

  /** Sets the limits: what is said in the settings, else the tier's. */
  async #learn(): Promise<void> {
    const { requestsPerMinute, requestsPerDay, tokensPerMinute, maxConcurrency, tier } =
      this.#options.settings;
    const said: RateLimits = {
      requestsPerMinute,
      requestsPerDay,
      // A limiter that is shared remembers what was said before, so that none has to be said too.
      tokensPerMinute: tokensPerMinute ?? Infinity,
      maxConcurrency: maxConcurrency ?? Infinity,
    };
    const isAllSaid = requestsPerMinute !== undefined && requestsPerDay !== undefined;
    const reading = tier === "auto" && !isAllSaid ? await this.#ask() : undefined;
    const known = tier === "auto" ? reading?.tier : tier;
    await this.limiter.setLimits({ ...(known ? tierLimits[known] : {}), ...defined(said) });
    if (reading?.day) await this.limiter.countDay(reading.day.used);
  }

  /** What the server says of the account; a server that is not OpenRouter says nothing. */
  async #ask(): Promise<ReturnType<typeof readTier>> {
    const { settings, fetch: get = fetch } = this.#options;
    const { baseUrl, openRouterApiKey, requestTimeoutMs } = settings;
    try {
      const response = await get(`${baseUrl}/key`, {
        headers: openRouterApiKey ? { Authorization: `Bearer ${openRouterApiKey}` } : {},
        signal: AbortSignal.timeout(Math.min(3000, requestTimeoutMs)),
      });
      return readTier(await response.json());
    } catch {
      return undefined;
    }
  }
}

function defined(limits: RateLimits): RateLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** What of the account a refusal speaks of; nothing where a provider is busy by itself. */
function scopeOf({ kind, details }: ModelError): Refusal["scope"] | undefined {
  const { reason, limitSource, provider } = details;
  if (reason === "daily_quota") return "day";
  if (reason === "in_flight_budget") return "concurrency";
  const isOfProvider = provider !== undefined || limitSource?.startsWith("upstream");
  return kind === "rate_limit_error" && !isOfProvider ? "minute" : undefined;
}
