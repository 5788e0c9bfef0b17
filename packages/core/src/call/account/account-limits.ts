import { ArgumentError } from "../../errors/argument-error.ts";
import { tierLimits, type ResolvedRateLimits } from "../../resilience/rate-limiter/index.ts";
import type { Settings } from "../../settings/index.ts";

type LimitSettings = Pick<
  Settings,
  "tier" | "requestsPerMinute" | "requestsPerDay" | "tokensPerMinute" | "maxConcurrency"
>;

/**
 * The limits for all requests of the account: those of the variables, or else those of the tier.
 * `Infinity` means no limit, so that a shared limiter removes the limits of earlier settings.
 */
export function limitsForAll(settings: LimitSettings): ResolvedRateLimits {
  const { tier, requestsPerMinute, requestsPerDay, tokensPerMinute, maxConcurrency } = settings;
  const ofTier = tier === "auto" ? undefined : tierLimits[tier];
  return {
    requestsPerMinute: requestsPerMinute ?? ofTier?.requestsPerMinute ?? Infinity,
    requestsPerDay: requestsPerDay ?? ofTier?.requestsPerDay ?? Infinity,
    tokensPerMinute: tokensPerMinute ?? Infinity,
    maxConcurrency: maxConcurrency ?? Infinity,
  };
}

/** Whether the settings limit all requests of the account. */
export function limitsAllRequests(settings: LimitSettings): boolean {
  if (typeof settings?.tier !== "string") {
    throw ArgumentError.of(
      "limitsAllRequests(): settings",
      settings,
      "what resolveSettings() returns",
    );
  }
  return Object.values(limitsForAll(settings)).some((limit) => limit !== Infinity);
}

/**
 * Whether OpenRouter's own limits for free models apply: with `OPENROUTER_TIER=auto`, unless
 * `LLM_REQUESTS_PER_MINUTE` and `LLM_REQUESTS_PER_DAY` are both `none`.
 */
export function limitsFreeModels(settings: LimitSettings): boolean {
  if (typeof settings?.tier !== "string") {
    throw ArgumentError.of(
      "limitsFreeModels(): settings",
      settings,
      "what resolveSettings() returns",
    );
  }
  const { tier, requestsPerMinute, requestsPerDay } = settings;
  const isLifted = requestsPerMinute === Infinity && requestsPerDay === Infinity;
  return tier === "auto" && !isLifted;
}
