export { accountOf } from "./account-of.ts";
export { forgetOldBudgets } from "./forget-old-budgets.ts";
export { PostgresBudgetStore, type PostgresBudgetStoreOptions } from "./postgres-budget-store.ts";
export { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
export type { PostgresRateLimiterOptions } from "./postgres-rate-limiter-options.ts";
