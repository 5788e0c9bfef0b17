import type { RunUsage } from "../runs/index.ts";

/** Each sum, and its column in the tables `runs` and `usage`. */
export const columnsOfUsage: Readonly<Record<keyof RunUsage, string>> = {
  calls: "calls",
  failedCalls: "failed_calls",
  attempts: "attempts",
  unknownUsageAttempts: "unknown_usage_attempts",
  unknownCostAttempts: "unknown_cost_attempts",
  promptTokens: "prompt_tokens",
  completionTokens: "completion_tokens",
  cachedTokens: "cached_tokens",
  reasoningTokens: "reasoning_tokens",
  costUsd: "cost_usd",
};
