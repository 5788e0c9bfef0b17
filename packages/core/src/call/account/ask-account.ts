import { readTier, type AccountReading } from "../../resilience/rate-limiter/index.ts";
import type { OpenRouterApi } from "../../routes/index.ts";

const maxWaitMs = 3000;

/**
 * Requests the account's limits from `GET /key`.
 *
 * @param timeoutMs - Longest wait, in milliseconds; never more than three seconds.
 * @param maxBytes - Maximum size of the answer.
 * @returns `undefined` if the server does not answer like OpenRouter, or not in time. Never throws.
 */
export async function askAccount(
  api: OpenRouterApi,
  timeoutMs: number,
  maxBytes: number,
): Promise<AccountReading | undefined> {
  try {
    const { status, body } = await api.get("/key", {
      timeoutMs: Math.min(maxWaitMs, timeoutMs),
      maxBytes,
      setting: "LLM_MAX_LOOKUP_BYTES",
    });
    return status < 300 ? readTier(body) : undefined;
  } catch {
    return undefined;
  }
}
