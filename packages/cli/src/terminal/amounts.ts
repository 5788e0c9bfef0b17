import type { UnknownAttempts, Usage } from "@orchestra/core";

/** US dollars with two decimals; below 10 cents, with two significant digits: `$0.50`, `$0.0012`. */
export function formatUsd(amount: number): string {
  const rounded = Number(amount.toPrecision(2));
  if (rounded === 0 || Math.abs(rounded) >= 0.1) return `$${amount.toFixed(2)}`;
  const decimals = 1 - Math.floor(Math.log10(Math.abs(rounded)));
  return `$${rounded.toFixed(Math.min(decimals, 20)).replace(/0+$/, "")}`;
}

/** The price of a million tokens, from that of one, in US dollars: `$2.50`; below a cent `$0.0012`; unknown `?`. */
export function formatPrice(usdPerToken: number | undefined): string {
  if (usdPerToken === undefined) return "?";
  const usd = usdPerToken * 1e6;
  return `$${usd >= 0.01 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`;
}

/** A number with its noun: `1 call`, `1,200 calls`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A duration in ms, s or min. The unit is chosen after rounding: 59.96 s is `1 min 0 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

type Paid = Pick<Usage, "costUsd"> & Partial<UnknownAttempts>;
type Used = Pick<Usage, "promptTokens" | "completionTokens"> & Partial<UnknownAttempts>;

/** US dollars, and the number of requests that they do not include: `$0.50 + 2 requests of unknown cost`. */
export function formatCost({ costUsd, unknownCostAttempts = 0 }: Paid): string {
  if (unknownCostAttempts === 0) return formatUsd(costUsd);
  return `${formatUsd(costUsd)} + ${formatCount(unknownCostAttempts, "request")} of unknown cost`;
}

/** The sum of prompt and completion tokens: `120 tokens`; `at least 120 tokens` if some are unknown. */
export function formatTokens(usage: Used): string {
  const { promptTokens, completionTokens, unknownUsageAttempts = 0 } = usage;
  const tokens = formatCount(promptTokens + completionTokens, "token");
  return unknownUsageAttempts > 0 ? `at least ${tokens}` : tokens;
}
