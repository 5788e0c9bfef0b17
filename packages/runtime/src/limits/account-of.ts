import { createHash } from "node:crypto";

/**
 * The name of an API key's account, for `PostgresRateLimiter`: the same in all processes with the same
 * key. The key cannot be derived from it.
 */
export function accountOf(apiKey: string): string {
  return createHash("sha256").update(`orchestra account ${apiKey}`).digest("hex").slice(0, 32);
}
