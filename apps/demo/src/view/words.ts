/** `0.04 s`, `12.3 s`, `2 min 5 s`. */
export function seconds(durationMs: number): string {
  if (durationMs < 10_000) return `${(durationMs / 1000).toFixed(2)} s`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const whole = Math.round(durationMs / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(6)}`;
}

/** US dollars, and how many requests are missing in them: `$0.000123 + 2 requests of unknown cost`. */
export function cost({ costUsd, unknownCostAttempts = 0 }: Paid): string {
  if (unknownCostAttempts === 0) return dollars(costUsd);
  return `${dollars(costUsd)} + ${count(unknownCostAttempts, "request")} of unknown cost`;
}

interface Paid {
  readonly costUsd: number;
  readonly unknownCostAttempts?: number | undefined;
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
