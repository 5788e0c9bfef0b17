import type { UnknownAttempts } from "@orchestra/core";

export interface UsageSum {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

/** What a run used, in all its calls, and how many of its requests are missing in that. */
export function sumUsage(
  calls: readonly (UsageSum & Partial<UnknownAttempts>)[],
): UsageSum & UnknownAttempts {
  const sum = (of: (call: (typeof calls)[number]) => number) =>
    calls.reduce((total, call) => total + of(call), 0);
  return {
    promptTokens: sum((call) => call.promptTokens),
    completionTokens: sum((call) => call.completionTokens),
    // Sums of floating-point dollars end in noise far below what anyone bills.
    costUsd: Number(sum((call) => call.costUsd).toFixed(10)),
    unknownUsageAttempts: sum((call) => call.unknownUsageAttempts ?? 0),
    unknownCostAttempts: sum((call) => call.unknownCostAttempts ?? 0),
  };
}
