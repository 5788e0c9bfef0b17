import type { Amount } from "./amount.ts";
import type { AmountLimit, Balance, Shortage } from "./budget-store.ts";

/** The unit of which an account has no room for an amount; dollars before tokens. */
export function exceeded(
  { spent, held }: Balance,
  amount: Amount,
  { picoUsd, tokens }: AmountLimit,
): Shortage["unit"] | undefined {
  const totalUsd = spent.picoUsd + held.picoUsd + amount.picoUsd;
  if (picoUsd !== undefined && totalUsd > picoUsd) return "usd";
  if (tokens !== undefined && spent.tokens + held.tokens + amount.tokens > tokens) return "tokens";
  return undefined;
}
