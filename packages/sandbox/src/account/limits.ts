/** The limits of an account, as in OpenRouter's tiers, and how the account counts. */
export interface LimitOptions {
  /**
   * `free`: 20 requests a minute and 50 a day. `pro`: 60 and 1,000. `none`: no limit.
   *
   * @defaultValue `none`
   */
  readonly tier?: Tier;
  /**
   * `fixed-window` starts again at every full minute; `token-bucket` holds the requests of a minute and
   * refills evenly. In both, the day is a fixed window that begins at midnight UTC.
   *
   * @defaultValue `fixed-window`
   */
  readonly algorithm?: "fixed-window" | "token-bucket";
  /** @defaultValue the tier's */
  readonly requestsPerMinute?: number;
  /** @defaultValue the tier's */
  readonly requestsPerDay?: number;
  /** The length of a "minute", so that a test need not wait for one. @defaultValue 60000 */
  readonly windowMs?: number;
}

/** The payments of the account. */
export type Tier = "free" | "pro" | "none";

/** {@link LimitOptions} with every default applied. */
export type ResolvedLimits = Required<LimitOptions>;

const PER_MINUTE: Record<Tier, number> = { free: 20, pro: 60, none: Infinity };
const PER_DAY: Record<Tier, number> = { free: 50, pro: 1000, none: Infinity };

/** Applies the defaults. */
export function resolveLimits(options: LimitOptions = {}): ResolvedLimits {
  const { tier = "none" } = options;
  return {
    tier,
    algorithm: options.algorithm ?? "fixed-window",
    requestsPerMinute: options.requestsPerMinute ?? PER_MINUTE[tier],
    requestsPerDay: options.requestsPerDay ?? PER_DAY[tier],
    windowMs: options.windowMs ?? 60_000,
  };
}
