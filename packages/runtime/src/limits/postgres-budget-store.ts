import {
  maxStoreAnswerMs,
  nothing,
  type Amount,
  type Balance,
  type BudgetAccount,
  type BudgetStore,
  type ReserveRequest,
  type Shortage,
} from "@orchestra/core/limits";
import { outlastOutages, quoted, type Database } from "../database/index.ts";

export interface PostgresBudgetStoreOptions {
  readonly database: Database;
  /** How long to wait for an unavailable database before a call fails, in milliseconds. @defaultValue `60_000`; 25 s where an amount is reserved, because a call does not wait for longer */
  readonly patienceMs?: number | undefined;
}

/** Less than a call waits for a store: its error says then that the database is not available. */
const maxReserveMs = maxStoreAnswerMs - 5000;

interface BalanceRow {
  readonly spent_pico_usd: string;
  readonly spent_tokens: string;
  readonly held_pico_usd: string;
  readonly held_tokens: string;
}

interface ShortageRow extends BalanceRow {
  /** Position of the account in the request, from 1. */
  readonly place: number;
  readonly unit: Shortage["unit"];
}

/**
 * Budgets in a database, which any number of processes share. Each method is one statement, which can be
 * repeated after an outage.
 *
 * The reservations of a process that dies stay, because it is unknown what it has spent: on a run until
 * the run is deleted, on a day until the day ends.
 */
export class PostgresBudgetStore implements BudgetStore {
  readonly #database: Database;
  readonly #patienceMs: number;
  readonly #schema: string;
  /** Accounts to close that no statement has yet. */
  #toClose: BudgetAccount[] = [];
  #closing: Promise<void> = Promise.resolve();

  constructor({ database, patienceMs = 60_000 }: PostgresBudgetStoreOptions) {
    this.#database = database;
    this.#patienceMs = patienceMs;
    this.#schema = quoted(database.schema);
  }

  async reserve({ id, accounts, amount }: ReserveRequest): Promise<Shortage | undefined> {
    const [row] = await this.#query<ShortageRow>(
      `SELECT * FROM ${this.#schema}.budget_reserve($1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        accounts.map(({ scope }) => scope),
        accounts.map((account) => account.id),
        accounts.map(({ limit }) => limit.picoUsd?.toString() ?? null),
        accounts.map(({ limit }) => limit.tokens ?? null),
        String(amount.picoUsd),
        amount.tokens,
      ],
      Math.min(this.#patienceMs, maxReserveMs),
    );
    const account = row && accounts[row.place - 1];
    return account && { ...account, unit: row.unit, balance: toBalance(row) };
  }

  async settle(id: string, actual: Amount): Promise<void> {
    await this.#query(`SELECT ${this.#schema}.budget_settle($1, $2, $3)`, [
      id,
      String(actual.picoUsd),
      actual.tokens,
    ]);
  }

  async balance({ scope, id }: BudgetAccount): Promise<Balance> {
    const [row] = await this.#query<BalanceRow>(
      `SELECT spent_pico_usd, spent_tokens, held_pico_usd, held_tokens
       FROM ${this.#schema}.budget_accounts WHERE scope = $1 AND id = $2`,
      [scope, id],
    );
    return row ? toBalance(row) : { spent: nothing, held: nothing };
  }

  /** One statement at a time: accounts that are closed in the meantime go together in the next one. */
  close(account: BudgetAccount): Promise<void> {
    this.#toClose.push(account);
    if (this.#toClose.length === 1) {
      const send = () => this.#closeAll();
      this.#closing = this.#closing.then(send, send);
    }
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const accounts = this.#toClose;
    this.#toClose = [];
    // Accounts are locked in the order of their keys, as by the other statements.
    await this.#query(
      `SELECT ${this.#schema}.budget_close(scope, id) FROM (
         SELECT * FROM unnest($1::text[], $2::text[]) AS named (scope, id) ORDER BY scope, id
       ) AS accounts`,
      [accounts.map(({ scope }) => scope), accounts.map(({ id }) => id)],
    );
  }

  /** Sends a statement until its result is known. */
  async #query<Row extends object>(
    text: string,
    values: readonly unknown[],
    patienceMs = this.#patienceMs,
  ): Promise<Row[]> {
    let outage: unknown;
    const signal = AbortSignal.timeout(patienceMs);
    try {
      return await outlastOutages(
        () => this.#database.query<Row>(text, values, { isFrequent: true }),
        {
          signal,
          onOutage: (error) => (outage = error),
        },
      );
    } catch (error) {
      throw error === signal.reason ? outage : error;
    }
  }
}

function toBalance(row: BalanceRow): Balance {
  return {
    spent: { picoUsd: BigInt(row.spent_pico_usd), tokens: Number(row.spent_tokens) },
    held: { picoUsd: BigInt(row.held_pico_usd), tokens: Number(row.held_tokens) },
  };
}
