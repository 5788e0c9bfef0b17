import type { Amount } from "./amount.ts";

/** The limit of an account; a unit without a limit is absent. */
export interface AmountLimit {
  readonly picoUsd?: bigint | undefined;
  readonly tokens?: number | undefined;
}

/**
 * What a budget is for:
 *
 * - `call`: one model call with all its retries, hedges and fallbacks.
 * - `run`: all calls of one run.
 * - `day`: everything from one midnight UTC to the next.
 * - `key_day`, `key_month`, `key`: what a client's key spends in a day or a month of UTC, and in total.
 */
export const budgetScopes = ["call", "run", "day", "key_day", "key_month", "key"] as const;
export type BudgetScope = (typeof budgetScopes)[number];

/** How long a call waits for the answer of a store, in milliseconds. */
export const maxStoreAnswerMs = 30_000;

/**
 * What is booked together: a call, a run or a key by its id, a day, such as `2026-01-01`, or a key's day or
 * month, such as `<id> 2026-01`.
 */
export interface BudgetAccount {
  readonly scope: BudgetScope;
  readonly id: string;
}

/** What has been booked on one account. */
export interface Balance {
  readonly spent: Amount;
  /** Held by reservations that are not settled. */
  readonly held: Amount;
}

/** An account to reserve on; it need not exist. */
export interface AccountRequest extends BudgetAccount {
  readonly limit: AmountLimit;
}

export interface ReserveRequest {
  /** Id of the reservation, used once. */
  readonly id: string;
  /** Different accounts, each of which has to have room. */
  readonly accounts: readonly AccountRequest[];
  readonly amount: Amount;
}

/** The first account whose limit a reservation would exceed. */
export interface Shortage extends AccountRequest {
  readonly unit: "usd" | "tokens";
  /** The balance when the reservation was refused. */
  readonly balance: Balance;
}

/**
 * Where budgets are stored: in memory for one process, in a database for many.
 *
 * Each method is atomic. A store has to pass the suite of `@orchestra/core/conformance`.
 */
export interface BudgetStore {
  /**
   * Holds the amount on all the accounts, or on none: an account has room if what is spent, held
   * and requested do not exceed its limit together.
   *
   * @returns the shortage; `undefined` if the amount is held
   */
  reserve(request: ReserveRequest): Promise<Shortage | undefined>;

  /**
   * Replaces what a reservation holds by what was spent, which may be more, on the accounts of the
   * reservation. Does nothing if the reservation is settled or does not exist.
   */
  settle(id: string, actual: Amount): Promise<void>;

  /** @returns zeros for an account that does not exist */
  balance(account: BudgetAccount): Promise<Balance>;

  /**
   * No further reservation will be made on the account: the store may delete it as soon as nothing
   * on it is held.
   */
  close(account: BudgetAccount): Promise<void>;
}
