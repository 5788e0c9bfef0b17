import type { Account } from "./account.ts";

/** The answer of `GET /key` about the key and its account. */
export function keyData(account: Account, usageUsd: number, isManagement: boolean, nowMs: number) {
  const limit = Number.isFinite(account.limits.requestsPerDay)
    ? account.limits.requestsPerDay
    : 1000;
  // Without limits the account calls only paid models, which the day's count does not include.
  const used = account.limits.tier === "none" ? 0 : account.usedToday(nowMs);
  return {
    label: "sk-or-v1-sandbox",
    limit: null,
    limit_reset: null,
    limit_remaining: null,
    include_byok_in_limit: false,
    usage: usageUsd,
    usage_daily: usageUsd,
    usage_weekly: usageUsd,
    usage_monthly: usageUsd,
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    is_free_tier: account.limits.tier === "free",
    is_management_key: isManagement,
    is_provisioning_key: isManagement,
    expires_at: null,
    free_model_daily_requests: { used, limit, remaining: Math.max(0, limit - used) },
    rate_limit: {
      requests: -1,
      interval: "10s",
      note: "This field is deprecated and safe to ignore.",
    },
  };
}
