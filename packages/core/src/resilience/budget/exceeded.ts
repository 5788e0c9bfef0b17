import { add, type Amount } from "./amount.ts";
import type { AmountLimit, Balance, Shortage } from "./budget-store.ts";

/** The unit of which an account has no room for an amount; dollars before tokens. */
export function exceeded(
  { spent, held }: Balance,
  amount: Amount,
  { picoUsd, tokens }: AmountLimit,
): Shortage["unit"] | undefined {
  const total = add(add(spent, held), amount);
  if (picoUsd !== undefined && total.picoUsd > picoUsd) return "usd";
  if (tokens !== undefined && total.tokens > tokens) return "tokens";
  return undefined;
}
