import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "../../clock/index.ts";
import { utcDate } from "../../clock/utc-day.ts";
import { nothing, toAmount, toPicoUsd, type Spending } from "./amount.ts";
import { budgetError } from "./budget-error.ts";
import type { AmountLimit, BudgetScope, BudgetStore } from "./budget-store.ts";
import { accountsOfKey, endOfScope, type BudgetKey } from "./key-budget.ts";
import { GuardedStore } from "./guarded-store.ts";
import { MemoryBudgetStore } from "./memory-budget-store.ts";

const scopes = ["call", "run", "day"] as const satisfies readonly BudgetScope[];
type LimitedScope = (typeof scopes)[number];

/** The most that may be spent; what is absent has no limit. */
export interface BudgetLimit {
  /** US dollars. `0` allows free models alone. */
  readonly maxUsd?: number | undefined;
  /** Tokens of prompts and answers together. */
  readonly maxTokens?: number | undefined;
}

export interface BudgetOptions {
  /** From `LLM_BUDGET_USD_PER_CALL`, `LLM_BUDGET_TOKENS_PER_CALL`, and so on for `RUN` and `DAY`. */
  readonly limits: Readonly<Partial<Record<LimitedScope, BudgetLimit | undefined>>>;
  /** @defaultValue a {@link MemoryBudgetStore} */
  readonly store?: BudgetStore | undefined;
  /** Receives errors of a given store after a request; these must not fail the call. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
}

/** The call and the run that a reservation belongs to, and the client's key, if there is one. */
export interface BudgetScopes {
  readonly callId: string;
  readonly runId: string;
  readonly key?: BudgetKey | undefined;
}

/**
 * Money and tokens that are set aside for one request.
 *
 * {@link Reservation.settle} it when it is known what was spent, and {@link Reservation.release} it
 * if nothing was. While that is unknown, as after an abort or a cut stream, do neither: the amount
 * stays reserved until then. The first settlement counts; later ones do nothing.
 */
export interface Reservation {
  /**
   * Books what was spent instead of what was reserved. An amount above the estimate is booked in
   * full, even beyond a limit, because it has been spent; further reservations then fail.
   *
   * @throws {RangeError} for an amount that is not finite or less than 0; the reservation stays
   */
  readonly settle: (actual: Spending) => Promise<void>;
  readonly release: () => Promise<void>;
  /** Books the estimate, where the amount that was spent stays unknown. */
  readonly keep: () => Promise<void>;
}

/**
 * Hard limits on what model calls spend. Each request reserves its estimate first, in all scopes
 * or in none, so that concurrent calls cannot exceed a limit together.
 *
 * As long as no request costs more than its estimate, no limit is ever exceeded.
 *
 * @example
 * ```ts
 * const budget = new Budget({ limits: { run: { maxUsd: 0.5 }, day: { maxUsd: 10 } } });
 * const reservation = await budget.reserve({ usd: 0.02, tokens: 3000 }, { callId, runId });
 * await reservation.settle({ usd: 0.0137, tokens: 2100 });
 * ```
 */
export class Budget {
  /** Whether calls have budgets, also calls without a key. */
  readonly isLimited: boolean;
  readonly #limits: readonly { readonly scope: LimitedScope; readonly limit: AmountLimit }[];
  readonly #store: Pick<BudgetStore, "reserve" | "settle" | "close">;
  readonly #clock: Clock;

  /** @throws {RangeError} for a limit that is not finite or less than 0 */
  constructor(options: BudgetOptions) {
    this.#limits = scopes.flatMap((scope) => {
      const limit = readLimit(options.limits[scope]);
      return limit ? [{ scope, limit }] : [];
    });
    this.isLimited = this.#limits.length > 0;
    this.#clock = options.clock ?? systemClock;
    const { store, onError = () => undefined } = options;
    this.#store =
      store && store.constructor !== MemoryBudgetStore
        ? new GuardedStore(store, this.#clock, onError)
        : (store ?? new MemoryBudgetStore());
  }

  /**
   * Reserves the estimate, or throws before anything is sent. It does not wait for other requests
   * to settle, although that may make room.
   *
   * A reservation counts against the day on which it is made, even if it is settled on the next.
   *
   * @param estimate - The most that the request can cost.
   * @throws {ModelError} `budget_error`; its message names the first budget without room: call, run, day or key
   * @throws {ModelError} `budget_error` too where a given store throws, answers nonsense, or gives no
   *   answer within 30 seconds; the store is asked to release what it may hold
   * @throws {RangeError} for an estimate that is not finite or less than 0
   */
  async reserve(estimate: Spending, { callId, runId, key }: BudgetScopes): Promise<Reservation> {
    const amount = toAmount(estimate);
    const now = this.#clock.now();
    const ids = { call: callId, run: runId, day: utcDate(now) };
    const ofKey = key ? accountsOfKey(key, now) : [];
    const own = this.#limits.map(({ scope, limit }) => ({ scope, id: ids[scope], limit }));
    const accounts = [...own, ...ofKey];
    const id = randomUUID();
    if (accounts.length > 0) {
      const shortage = await this.#store.reserve({ id, accounts, amount });
      if (shortage) {
        const endsAt = endOfScope(shortage.scope, now);
        const resetAfterMs = endsAt === undefined ? undefined : Math.ceil(endsAt - now);
        throw budgetError(shortage, amount, resetAfterMs);
      }
    }
    return {
      settle: async (actual) => this.#store.settle(id, toAmount(actual)),
      release: () => this.#store.settle(id, nothing),
      keep: () => this.#store.settle(id, amount),
    };
  }

  /** Deletes the account of a call or a run that has ended, once all its reservations are settled. */
  async close(scope: "call" | "run", id: string): Promise<void> {
    const hasAccounts = this.#limits.some((limited) => limited.scope === scope);
    if (hasAccounts) await this.#store.close({ scope, id });
  }
}

function readLimit({ maxUsd, maxTokens }: BudgetLimit = {}): AmountLimit | undefined {
  if (maxUsd === undefined && maxTokens === undefined) return undefined;
  const { tokens } = toAmount({ usd: 0, tokens: maxTokens ?? 0 });
  return {
    picoUsd: maxUsd === undefined ? undefined : toPicoUsd(maxUsd),
    tokens: maxTokens === undefined ? undefined : tokens,
  };
}
