export type { Amount, Spending } from "./amount.ts";
export { Budget, type BudgetLimit, type BudgetOptions, type Reservation } from "./budget.ts";
export type * from "./budget-store.ts";
export { estimateCost, estimateTokens } from "./estimate.ts";
export type { KeyBudget } from "./key-budget.ts";
export { MemoryBudgetStore } from "./memory-budget-store.ts";
