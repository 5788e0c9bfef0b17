import { readTier, type AccountReading } from "../../resilience/rate-limiter/index.ts";
import type { OpenRouterApi } from "../../routes/index.ts";

const maxWaitMs = 3000;

/**
 * Asks `GET /key` about the account.
 *
 * @param timeoutMs - Longest wait, in milliseconds; never more than three seconds.
 * @returns `undefined` where the server does not answer like OpenRouter, or not in time. Never throws.
 */
export async function askAccount(
  api: OpenRouterApi,
  timeoutMs: number,
): Promise<AccountReading | undefined> {
  try {
    return readTier(await api.get("/key", Math.min(maxWaitMs, timeoutMs)));
  } catch {
    return undefined;
  }
}
