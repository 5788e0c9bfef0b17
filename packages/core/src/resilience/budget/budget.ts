import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "../../clock/index.ts";
import { nothing, toAmount, toPicoUsd, toSpending, type Spending } from "./amount.ts";
import { budgetError } from "./budget-error.ts";
import type { AmountLimit, BudgetScope, BudgetStore } from "./budget-store.ts";
import { MemoryBudgetStore } from "./memory-budget-store.ts";

const scopes = ["call", "run", "day"] as const satisfies readonly BudgetScope[];

/** The most that may be spent; what is absent has no limit. */
export interface BudgetLimit {
  /** US dollars. `0` allows free models alone. */
  readonly maxUsd?: number | undefined;
  /** Tokens of prompts and answers together. */
  readonly maxTokens?: number | undefined;
}

export interface BudgetOptions {
  /** From `LLM_BUDGET_USD_PER_CALL`, `LLM_BUDGET_TOKENS_PER_CALL`, and so on for `RUN` and `DAY`. */
  readonly limits: Readonly<Partial<Record<BudgetScope, BudgetLimit | undefined>>>;
  /** @defaultValue a {@link MemoryBudgetStore} */
  readonly store?: BudgetStore | undefined;
  /** @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Names reservations, uniquely in the store. @defaultValue `randomUUID` */
  readonly createId?: (() => string) | undefined;
}

/** Whom a reservation is for. */
export interface BudgetScopes {
  readonly callId: string;
  readonly runId: string;
}

/**
 * Money and tokens that are set aside for one request, until one of the three comes to pass:
 *
 * - {@link Reservation.settle} when it is known what was spent;
 * - {@link Reservation.release} when nothing was;
 * - neither, while it is not known, as after an abort or a cut stream: what is reserved stays
 *   reserved until someone finds out and settles, here or by {@link Budget.settle}.
 *
 * The first settlement counts; later ones do nothing.
 */
export interface Reservation {
  readonly id: string;
  readonly estimate: Spending;
  /**
   * Books what was spent instead of what was reserved. More than the estimate is booked as it is,
   * even beyond a limit, since it is spent; further reservations fail until there is room.
   *
   * @throws {RangeError} for an amount that is not finite or less than 0; the reservation stays
   */
  readonly settle: (actual: Spending) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** What is booked in one scope. */
export interface BudgetBalance {
  readonly spent: Spending;
  readonly reserved: Spending;
}

/**
 * Hard limits on what model calls spend. Every request reserves its estimate first, in all scopes
 * or in none, so that calls at once cannot together spend what only one of them may.
 *
 * While no request costs more than its estimate, no limit is ever exceeded.
 *
 * @example
 * ```ts
 * const budget = new Budget({ limits: { run: { maxUsd: 0.5 }, day: { maxUsd: 10 } } });
 * const reservation = await budget.reserve({ usd: 0.02, tokens: 3000 }, { callId, runId });
 * await reservation.settle({ usd: 0.0137, tokens: 2100 });
 * ```
 */
export class Budget {
  readonly #limits: readonly { readonly scope: BudgetScope; readonly limit: AmountLimit }[];
  readonly #store: BudgetStore;
  readonly #clock: Clock;
  readonly #createId: () => string;

  /** @throws {RangeError} for a limit that is not finite or less than 0 */
  constructor(options: BudgetOptions) {
    this.#limits = scopes.flatMap((scope) => {
      const limit = readLimit(options.limits[scope]);
      return limit ? [{ scope, limit }] : [];
    });
    this.#store = options.store ?? new MemoryBudgetStore();
    this.#clock = options.clock ?? systemClock;
    this.#createId = options.createId ?? randomUUID;
  }

  /**
   * Sets the estimate aside, or throws before anything is sent. It does not wait for other
   * requests to settle, though room may come of it.
   *
   * The day is the one in which the reservation is made, also if it is settled in the next.
   *
   * @param estimate - The most that the request can cost.
   * @throws {ModelError} a `budget_error` that names the narrowest budget without room
   * @throws {RangeError} for an estimate that is not finite or less than 0
   */
  async reserve(estimate: Spending, { callId, runId }: BudgetScopes): Promise<Reservation> {
    const amount = toAmount(estimate);
    const now = this.#clock.now();
    const ids = { call: callId, run: runId, day: utcDay(now) };
    const accounts = this.#limits.map(({ scope, limit }) => ({ scope, id: ids[scope], limit }));
    const id = this.#createId();
    if (accounts.length > 0) {
      const shortage = await this.#store.reserve({ id, accounts, amount });
      if (shortage) {
        const resetAfterMs = shortage.scope === "day" ? untilMidnightUtc(now) : undefined;
        throw budgetError(shortage, amount, resetAfterMs);
      }
    }
    return {
      id,
      estimate,
      settle: (actual) => this.settle(id, actual),
      release: () => this.#store.settle(id, nothing),
    };
  }

  /** Settles a reservation by its id, for whoever finds out later, or elsewhere, what was spent. */
  async settle(id: string, actual: Spending): Promise<void> {
    await this.#store.settle(id, toAmount(actual));
  }

  /**
   * What is booked in a scope; only scopes with a limit are booked.
   *
   * @param id - The call's or the run's id, or the day as `2026-01-01`. @defaultValue today
   */
  async balance(scope: "call" | "run", id: string): Promise<BudgetBalance>;
  async balance(scope: "day", id?: string): Promise<BudgetBalance>;
  async balance(scope: BudgetScope, id = utcDay(this.#clock.now())): Promise<BudgetBalance> {
    const { spent, held } = await this.#store.balance({ scope, id });
    return { spent: toSpending(spent), reserved: toSpending(held) };
  }

  /** Forgets a call or a run that has ended, once what it reserved is settled. */
  async close(scope: "call" | "run", id: string): Promise<void> {
    await this.#store.close({ scope, id });
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

const dayMs = 86_400_000;

function utcDay(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

function untilMidnightUtc(now: number): number {
  return Math.ceil(dayMs - (now % dayMs));
}
