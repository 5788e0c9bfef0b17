import { formatDuration } from "../../errors/format-duration.ts";
import { ModelError } from "../../errors/model-error.ts";
import { formatPicoUsd, type Amount } from "./amount.ts";
import type { AmountLimit, BudgetScope, Shortage } from "./budget-store.ts";

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
  const state = `${show(balance.spent)} spent, ${show(balance.held)} reserved, ${show(amount)} possible for the request`;
  const reset =
    resetAfterMs === undefined
      ? ""
      : ` The next day's begins at midnight UTC, in ${formatDuration(resetAfterMs)}.`;
  return new ModelError(
    `The ${scope}'s budget of ${show(limit)} does not cover this request: ${state}.${reset} ${budgetAdvice(unit, scope)}`,
    {
      kind: "budget_error",
      limitSource: `orchestra_budget_${unit}_per_${scope}`,
      retryAfterMs: resetAfterMs,
    },
  );
}

/** What the message of a run's budget in dollars ends with, for commands that set it by a flag. */
export const runBudgetAdvice = budgetAdvice("usd", "run");

function budgetAdvice(unit: Shortage["unit"], scope: BudgetScope): string {
  const variable = `LLM_BUDGET_${unit}_PER_${scope}`.toUpperCase();
  return `Raise ${variable}, or settings.budget${capital(unit)}Per${capital(scope)} in code.`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
