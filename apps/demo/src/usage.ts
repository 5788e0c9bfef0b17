import type { UnknownAttempts } from "@orchestra/core";

export interface UsageSum {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

/** The usage of all calls of a run, and the number of requests whose usage or cost is unknown. */
export function sumUsage(
  calls: readonly (UsageSum & Partial<UnknownAttempts>)[],
): UsageSum & UnknownAttempts {
  const sum = (of: (call: (typeof calls)[number]) => number) =>
    calls.reduce((total, call) => total + of(call), 0);
  return {
    promptTokens: sum((call) => call.promptTokens),
    completionTokens: sum((call) => call.completionTokens),
    // Rounds off floating-point errors of the sum, which are far below the smallest price.
    costUsd: Number(sum((call) => call.costUsd).toFixed(10)),
    unknownUsageAttempts: sum((call) => call.unknownUsageAttempts ?? 0),
    unknownCostAttempts: sum((call) => call.unknownCostAttempts ?? 0),
  };
}
