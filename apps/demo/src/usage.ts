export interface UsageSum {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

/** What a run used, in all its calls. */
export function sumUsage(calls: readonly UsageSum[]): UsageSum {
  const sum = (of: (call: UsageSum) => number) =>
    calls.reduce((total, call) => total + of(call), 0);
  return {
    promptTokens: sum((call) => call.promptTokens),
    completionTokens: sum((call) => call.completionTokens),
    // Sums of floating-point dollars end in noise far below what anyone bills.
    costUsd: Number(sum((call) => call.costUsd).toFixed(10)),
  };
}
