import { createHash } from "node:crypto";

/**
 * Names an account after its API key, without giving the key away: what processes that use one key
 * share, in `PostgresRateLimiter`.
 */
export function accountOf(apiKey: string): string {
  return createHash("sha256").update(`orchestra account ${apiKey}`).digest("hex").slice(0, 32);
}
