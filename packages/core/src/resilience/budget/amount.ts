/** What a request costs, or may cost. */
export interface Spending {
  readonly usd: number;
  /** Tokens of the prompt and of the answer together. */
  readonly tokens: number;
}

/**
 * A {@link Spending} in whole numbers, so that sums do not drift and a database can add them up.
 * In 64 bits picodollars reach to nine million dollars.
 */
export interface Amount {
  /** Millionths of a millionth of a US dollar; finer than any price of a token. */
  readonly picoUsd: bigint;
  readonly tokens: number;
}

export const nothing: Amount = { picoUsd: 0n, tokens: 0 };

/** @throws {RangeError} for what is not finite or less than 0, as a budget cannot hold it */
export function toAmount({ usd, tokens }: Spending): Amount {
  return { picoUsd: toPicoUsd(usd), tokens: Math.ceil(finite(tokens, "tokens")) };
}

export function toSpending({ picoUsd, tokens }: Amount): Spending {
  return { usd: Number(picoUsd) / 1e12, tokens };
}

/** @throws {RangeError} for what is not finite or less than 0 */
export function toPicoUsd(usd: number): bigint {
  return BigInt(Math.round(finite(usd, "US dollars") * 1e12));
}

export function add(a: Amount, b: Amount): Amount {
  return { picoUsd: a.picoUsd + b.picoUsd, tokens: a.tokens + b.tokens };
}

export function subtract(a: Amount, b: Amount): Amount {
  return { picoUsd: a.picoUsd - b.picoUsd, tokens: a.tokens - b.tokens };
}

/** `$0.50`, and as many further digits as there are. */
export function formatPicoUsd(picoUsd: bigint): string {
  const digits = picoUsd.toString().padStart(13, "0");
  const cents = digits.slice(-12).replace(/0{1,10}$/, "");
  return `$${digits.slice(0, -12)}.${cents}`;
}

function finite(value: number, unit: string): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`${value} is no number of ${unit} that a budget could hold`);
}
