import { nextUtcMidnight, utcDate } from "../../clock/utc-day.ts";
import { toPicoUsd } from "./amount.ts";
import type { AccountRequest, BudgetScope } from "./budget-store.ts";

/** What a client's key may spend, in US dollars; what is absent has no limit. Days and months are those of UTC. */
export interface KeyBudget {
  readonly usdPerDay?: number | undefined;
  readonly usdPerMonth?: number | undefined;
  readonly usdTotal?: number | undefined;
}

/** A key whose budget applies. */
export interface BudgetKey {
  readonly id: string;
  readonly budget?: KeyBudget | undefined;
}

/** The accounts of a key's budget. One of each day and month is kept apart by its name. */
export function accountsOfKey({ id, budget = {} }: BudgetKey, now: number): AccountRequest[] {
  const date = utcDate(now);
  const accounts: readonly [BudgetScope, string, number | undefined][] = [
    ["key_day", `${id} ${date}`, budget.usdPerDay],
    ["key_month", `${id} ${date.slice(0, 7)}`, budget.usdPerMonth],
    ["key", id, budget.usdTotal],
  ];
  return accounts.flatMap(([scope, account, usd]) =>
    usd === undefined ? [] : [{ scope, id: account, limit: { picoUsd: toPicoUsd(usd) } }],
  );
}

/** When an account of this scope gives way to the next one; `undefined` for one that stays. */
export function endOfScope(scope: BudgetScope, now: number): number | undefined {
  if (scope === "day" || scope === "key_day") return nextUtcMidnight(now);
  if (scope !== "key_month") return undefined;
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
