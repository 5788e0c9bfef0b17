/** What a request costs, or may cost. */
export interface Spending {
  readonly usd: number;
  /** Tokens of the prompt and of the answer together. */
  readonly tokens: number;
}

/**
 * A {@link Spending} in whole numbers, so that sums are exact, in a database too. 64 bits of
 * picodollars hold nine million dollars.
 */
export interface Amount {
  /** 10⁻¹² US dollars; finer than the price of any token. */
  readonly picoUsd: bigint;
  readonly tokens: number;
}

const picoPerUsd = 1e12;

export const nothing: Amount = { picoUsd: 0n, tokens: 0 };

/** @throws {RangeError} for a number that is negative or not finite */
export function toAmount({ usd, tokens }: Spending): Amount {
  return { picoUsd: toPicoUsd(usd), tokens: Math.ceil(finite(tokens, "tokens")) };
}

/** @throws {RangeError} for a number that is negative or not finite */
export function toPicoUsd(usd: number): bigint {
  const pico = finite(usd, "US dollars") * picoPerUsd;
  // What is too large for a number in picodollars is whole in dollars.
  return Number.isFinite(pico) ? BigInt(Math.round(pico)) : BigInt(usd) * BigInt(picoPerUsd);
}

export function add(a: Amount, b: Amount): Amount {
  return { picoUsd: a.picoUsd + b.picoUsd, tokens: a.tokens + b.tokens };
}

export function subtract(a: Amount, b: Amount): Amount {
  return { picoUsd: a.picoUsd - b.picoUsd, tokens: a.tokens - b.tokens };
}

/** Such as `$0.50`: at least two decimals, and more if the amount has more. */
export function formatPicoUsd(picoUsd: bigint): string {
  const digits = picoUsd.toString().padStart(13, "0");
  const cents = digits.slice(-12).replace(/0{1,10}$/, "");
  return `$${digits.slice(0, -12)}.${cents}`;
}

function finite(value: number, unit: string): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`${value} is not an amount of ${unit}: expected a number of 0 or more`);
}
