import { ModelError } from "../../errors/model-error.ts";
import { formatPicoUsd, type Amount } from "./amount.ts";
import type { AmountLimit, Shortage } from "./budget-store.ts";

/**
 * The error of a request that was not made, because a budget has no room for it.
 *
 * @param amount - What was asked for.
 * @param resetAfterMs - How long until the budget begins anew; only for the day's.
 */
export function budgetError(shortage: Shortage, amount: Amount, resetAfterMs?: number): ModelError {
  const { scope, unit, limit, balance } = shortage;
  const show = (some: AmountLimit) =>
    unit === "usd" ? formatPicoUsd(some.picoUsd ?? 0n) : `${some.tokens ?? 0} tokens`;
  const state = `${show(balance.spent)} spent, ${show(balance.held)} reserved, ${show(amount)} asked for`;
  const reset =
    resetAfterMs === undefined
      ? ""
      : ` The next day's begins at midnight UTC, in ${inHours(resetAfterMs)}.`;
  const variable = `LLM_BUDGET_${unit}_PER_${scope}`.toUpperCase();
  const option = `budget.${scope}.${unit === "usd" ? "maxUsd" : "maxTokens"}`;
  return new ModelError(
    `The ${scope}'s budget of ${show(limit)} does not cover this request: ${state}.${reset} Raise ${variable}, or ${option} in code.`,
    {
      kind: "budget_error",
      limitSource: `orchestra_budget_${unit}_per_${scope}`,
      retryAfterMs: resetAfterMs,
    },
  );
}

function inHours(durationMs: number): string {
  const minutes = Math.ceil(durationMs / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
