import type { Amount } from "./amount.ts";

/** The most that an account may hold; a unit without a limit is absent. */
export interface AmountLimit {
  readonly picoUsd?: bigint | undefined;
  readonly tokens?: number | undefined;
}

/**
 * - `call`: one model call with all its retries, hedges and fallbacks.
 * - `run`: all calls of one run.
 * - `day`: everything from one midnight UTC to the next.
 */
export type BudgetScope = "call" | "run" | "day";

/** What is booked together: a call or a run by its id, or a day, such as `2026-01-01`. */
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

/** An account that is to take a reservation; it need not exist. */
export interface AccountRequest extends BudgetAccount {
  readonly limit: AmountLimit;
}

export interface ReserveRequest {
  /** Names the reservation; used once. */
  readonly id: string;
  /** Different accounts, each of which has to have room. */
  readonly accounts: readonly AccountRequest[];
  readonly amount: Amount;
}

/** The first account that had no room for a reservation. */
export interface Shortage extends AccountRequest {
  readonly unit: "usd" | "tokens";
  /** As it stood when the reservation was refused. */
  readonly balance: Balance;
}

/**
 * Where budgets are kept: in memory for one process, in a database for many.
 *
 * Each method is atomic. A store is only right if it passes the conformance suite.
 */
export interface BudgetStore {
  /**
   * Holds the amount on all the accounts, or on none: an account has room if what is spent, held
   * and asked for together do not exceed its limit.
   *
   * @returns the shortage; `undefined` where the amount is held
   */
  reserve(request: ReserveRequest): Promise<Shortage | undefined>;

  /**
   * Replaces what a reservation holds by what was spent, which may be more; on the accounts on
   * which it was reserved. Does nothing for a reservation that is settled or that no one made.
   */
  settle(id: string, actual: Amount): Promise<void>;

  /** Nothing, for an account that does not exist. */
  balance(account: BudgetAccount): Promise<Balance>;

  /**
   * Says that no one will reserve on the account again, so that the store may forget it once
   * nothing on it is held.
   */
  close(account: BudgetAccount): Promise<void>;
}
