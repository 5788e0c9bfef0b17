import type { UnknownAttempts, Usage } from "@orchestra/core";

/** US dollars, to cents, or to what is needed to show an amount below one. */
export function formatUsd(amount: number): string {
  if (amount === 0 || Math.abs(amount) >= 0.1) return `$${amount.toFixed(2)}`;
  return `$${Number(amount.toPrecision(2)).toFixed(6).replace(/0+$/, "")}`;
}

export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** In the unit that it has after rounding: 59.96 s is `1 min 0 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

type Paid = Pick<Usage, "costUsd"> & Partial<UnknownAttempts>;
type Used = Pick<Usage, "promptTokens" | "completionTokens"> & Partial<UnknownAttempts>;

/** US dollars, and how many requests are missing in them: `$0.50 + 2 requests of unknown cost`. */
export function formatCost({ costUsd, unknownCostAttempts = 0 }: Paid): string {
  if (unknownCostAttempts === 0) return formatUsd(costUsd);
  return `${formatUsd(costUsd)} + ${formatCount(unknownCostAttempts, "request")} of unknown cost`;
}

/** The tokens of prompts and of answers together: `120 tokens`, or `at least 120 tokens`. */
export function formatTokens(usage: Used): string {
  const { promptTokens, completionTokens, unknownUsageAttempts = 0 } = usage;
  const tokens = formatCount(promptTokens + completionTokens, "token");
  return unknownUsageAttempts > 0 ? `at least ${tokens}` : tokens;
}
