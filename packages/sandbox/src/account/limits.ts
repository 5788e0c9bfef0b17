/** The limits of an account, as OpenRouter's tiers set them, and how the account counts. */
export interface LimitOptions {
  /**
   * `free`: 20 requests a minute and 50 a day. `pro`: 60 and 1,000. `none`: no limit.
   *
   * @defaultValue `none`
   */
  readonly tier?: Tier;
  /**
   * `fixed-window` starts again at every full minute; `token-bucket` holds a minute's requests and
   * refills evenly. The day is a fixed window in both, and begins at midnight UTC.
   *
   * @defaultValue `fixed-window`
   */
  readonly algorithm?: "fixed-window" | "token-bucket";
  /** @defaultValue the tier's */
  readonly requestsPerMinute?: number;
  /** @defaultValue the tier's */
  readonly requestsPerDay?: number;
  /** How long a "minute" lasts, so that a test need not wait for one. @defaultValue 60000 */
  readonly windowMs?: number;
}

/** What the account has paid for. */
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
