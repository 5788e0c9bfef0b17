import type { ProviderRequest } from "../provider/request-log.ts";

/** What the provider charged beyond the most that the request allowed: no client can foresee it. */
export function overrunOf({ bill, maxTokens, route }: ProviderRequest): {
  readonly tokens: number;
  readonly usd: number;
} {
  const tokens = Math.max(0, (bill?.completionTokens ?? 0) - maxTokens);
  return { tokens, usd: tokens * route.completionUsd };
}
