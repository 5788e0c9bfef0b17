import { formatDuration } from "../../errors/format-duration.ts";
import { ModelError } from "../../errors/model-error.ts";
import { formatPicoUsd, type Amount } from "./amount.ts";
import type { AmountLimit, BudgetScope, Shortage } from "./budget-store.ts";

/** How a budget is named. */
const texts: Readonly<Record<BudgetScope, { readonly owner: string; readonly period?: string }>> = {
  call: { owner: "call" },
  run: { owner: "run" },
  day: { owner: "day" },
  key_day: { owner: "key", period: "day" },
  key_month: { owner: "key", period: "month" },
  key: { owner: "key" },
};

/**
 * The error of a request that was not made, because it does not fit a budget.
 *
 * @param amount - The requested amount.
 * @param resetAfterMs - Time until the next day's or month's budget, in milliseconds.
 */
export function budgetError(shortage: Shortage, amount: Amount, resetAfterMs?: number): ModelError {
  const { scope, unit, limit, balance } = shortage;
  const show = (some: AmountLimit) =>
    unit === "usd" ? formatPicoUsd(some.picoUsd ?? 0n) : `${some.tokens ?? 0} tokens`;
  const state = `${show(balance.spent)} spent, ${show(balance.held)} reserved, ${show(amount)} possible for the request`;
  const { owner, period = "" } = texts[scope];
  const reset =
    resetAfterMs === undefined
      ? ""
      : ` The next ${period || scope}'s begins at midnight UTC, in ${formatDuration(resetAfterMs)}.`;
  const ofPeriod = period && ` a ${period}`;
  return new ModelError(
    `The ${owner}'s budget of ${show(limit)}${ofPeriod} does not cover this request: ${state}.${reset} ${budgetAdvice(unit, scope)}`,
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
  if (texts[scope].owner === "key") return "Use a key with a larger budget.";
  const variable = `LLM_BUDGET_${unit}_PER_${scope}`.toUpperCase();
  return `Raise ${variable}, or settings.budget${capital(unit)}Per${capital(scope)} in code.`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
