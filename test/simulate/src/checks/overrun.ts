import type { ProviderRequest } from "../provider/request-log.ts";

/** The charge for tokens beyond the maximum of the request, which no client can foresee. */
export function overrunOf({ bill, maxTokens, route }: ProviderRequest): {
  readonly tokens: number;
  readonly usd: number;
} {
  const tokens = Math.max(0, (bill?.completionTokens ?? 0) - maxTokens);
  return { tokens, usd: tokens * route.completionUsd };
}
