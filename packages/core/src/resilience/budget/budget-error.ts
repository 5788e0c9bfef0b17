import { formatDuration } from "../../errors/format-duration.ts";
import { ModelError } from "../../errors/model-error.ts";
import { formatPicoUsd, type Amount } from "./amount.ts";
import type { AmountLimit, Shortage } from "./budget-store.ts";

/**
 * The error of a request that was not made, because it does not fit a budget.
 *
 * @param amount - The requested amount.
 * @param resetAfterMs - Time until the next day's budget, in milliseconds; only for the day's.
 */
export function budgetError(shortage: Shortage, amount: Amount, resetAfterMs?: number): ModelError {
  const { scope, unit, limit, balance } = shortage;
  const show = (some: AmountLimit) =>
    unit === "usd" ? formatPicoUsd(some.picoUsd ?? 0n) : `${some.tokens ?? 0} tokens`;
  const state = `${show(balance.spent)} spent, ${show(balance.held)} reserved, ${show(amount)} asked for`;
  const reset =
    resetAfterMs === undefined
      ? ""
      : ` The next day's begins at midnight UTC, in ${formatDuration(resetAfterMs)}.`;
  const variable = `LLM_BUDGET_${unit}_PER_${scope}`.toUpperCase();
  const option = `settings.budget${capital(unit)}Per${capital(scope)}`;
  return new ModelError(
    `The ${scope}'s budget of ${show(limit)} does not cover this request: ${state}.${reset} Raise ${variable}, or ${option} in code.`,
    {
      kind: "budget_error",
      limitSource: `orchestra_budget_${unit}_per_${scope}`,
      retryAfterMs: resetAfterMs,
    },
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
