import {
  exceeded,
  nothing,
  type AccountRequest,
  type Amount,
  type Balance,
  type BudgetAccount,
  type BudgetStore,
  type ReserveRequest,
  type Shortage,
} from "@orchestra/core/limits";
import {
  outlastOutages,
  quoted,
  type Database,
  type Query,
  type Transaction,
} from "../database/index.ts";

export interface PostgresBudgetStoreOptions {
  readonly database: Database;
  /** How long to wait for an unavailable database before a call fails, in milliseconds. @defaultValue `60_000` */
  readonly patienceMs?: number | undefined;
}

interface AccountRow {
  readonly scope: string;
  readonly id: string;
  readonly spent_pico_usd: string;
  readonly spent_tokens: string;
  readonly held_pico_usd: string;
  readonly held_tokens: string;
}

interface ReservationRow {
  readonly pico_usd: string;
  readonly tokens: string;
  readonly scopes: readonly string[];
  readonly ids: readonly string[];
}

/**
 * Budgets in a database, which any number of processes share.
 *
 * The reservations of a process that dies stay, because it is unknown what it has spent: on a run until
 * the run's budget is deleted, on a day until the day ends.
 */
export class PostgresBudgetStore implements BudgetStore {
  readonly #database: Database;
  readonly #patienceMs: number;
  readonly #accounts: string;
  readonly #reservations: string;

  constructor({ database, patienceMs = 60_000 }: PostgresBudgetStoreOptions) {
    this.#database = database;
    this.#patienceMs = patienceMs;
    const schema = quoted(database.schema);
    this.#accounts = `${schema}.budget_accounts`;
    this.#reservations = `${schema}.budget_reservations`;
  }

  async reserve(request: ReserveRequest): Promise<Shortage | undefined> {
    try {
      await this.#transaction(async ({ query }, isRepeat) => {
        const balances = await this.#lock(query, request.accounts);
        if (isRepeat && (await this.#isReserved(query, request.id))) return;
        const shortage = shortageOf(request, balances);
        // Rolls back the rows that were inserted for the lock too.
        if (shortage) throw new NoRoom(shortage);
        await this.#hold(query, request);
      });
      return undefined;
    } catch (error) {
      if (error instanceof NoRoom) return error.shortage;
      throw error;
    }
  }

  async settle(id: string, actual: Amount): Promise<void> {
    await this.#transaction(async ({ query }) => {
      const [reservation] = await query<ReservationRow>(
        `DELETE FROM ${this.#reservations} WHERE id = $1 RETURNING pico_usd, tokens, scopes, ids`,
        [id],
      );
      if (!reservation) return;
      const { scopes, ids, pico_usd: picoUsd, tokens } = reservation;
      await query(
        `WITH locked AS (
           SELECT scope, id FROM ${this.#accounts} JOIN unnest($1::text[], $2::text[]) AS named (scope, id)
           USING (scope, id) ORDER BY scope, id FOR UPDATE OF budget_accounts
         )
         UPDATE ${this.#accounts} AS account SET
           held_pico_usd = held_pico_usd - $3, held_tokens = held_tokens - $4,
           spent_pico_usd = spent_pico_usd + $5, spent_tokens = spent_tokens + $6,
           open_reservations = open_reservations - 1, updated_at = now()
         FROM locked WHERE account.scope = locked.scope AND account.id = locked.id`,
        [scopes, ids, picoUsd, tokens, String(actual.picoUsd), actual.tokens],
      );
      await this.#forgetClosed(query, scopes, ids);
    });
  }

  balance({ scope, id }: BudgetAccount): Promise<Balance> {
    return this.#transaction(async ({ query }) => {
      const [row] = await query<AccountRow>(
        `SELECT * FROM ${this.#accounts} WHERE scope = $1 AND id = $2`,
        [scope, id],
      );
      return row ? toBalance(row) : { spent: nothing, held: nothing };
    });
  }

  async close({ scope, id }: BudgetAccount): Promise<void> {
    await this.#transaction(async ({ query }) => {
      await query(`UPDATE ${this.#accounts} SET is_closed = true WHERE scope = $1 AND id = $2`, [
        scope,
        id,
      ]);
      await this.#forgetClosed(query, [scope], [id]);
    });
  }

  /** Locks the accounts in one order, so that transactions cannot deadlock, and inserts missing ones. */
  async #lock(query: Query, accounts: readonly BudgetAccount[]): Promise<Map<string, Balance>> {
    const rows = await query<AccountRow>(
      `INSERT INTO ${this.#accounts} (scope, id)
       SELECT scope, id FROM unnest($1::text[], $2::text[]) AS named (scope, id) ORDER BY scope, id
       ON CONFLICT (scope, id) DO UPDATE SET updated_at = now()
       RETURNING *`,
      [accounts.map(({ scope }) => scope), accounts.map(({ id }) => id)],
    );
    return new Map(rows.map((row) => [keyOf(row), toBalance(row)]));
  }

  async #isReserved(query: Query, id: string): Promise<boolean> {
    const rows = await query(`SELECT id FROM ${this.#reservations} WHERE id = $1`, [id]);
    return rows.length > 0;
  }

  async #hold(query: Query, { id, accounts, amount }: ReserveRequest): Promise<void> {
    await query(
      `WITH reserved AS (
         INSERT INTO ${this.#reservations} (id, pico_usd, tokens, scopes, ids)
         VALUES ($1, $2, $3, $4, $5)
       )
       UPDATE ${this.#accounts} AS account SET
         held_pico_usd = held_pico_usd + $2, held_tokens = held_tokens + $3,
         open_reservations = open_reservations + 1
       FROM unnest($4::text[], $5::text[]) AS named (scope, id)
       WHERE account.scope = named.scope AND account.id = named.id`,
      [
        id,
        String(amount.picoUsd),
        amount.tokens,
        accounts.map(({ scope }) => scope),
        accounts.map((account) => account.id),
      ],
    );
  }

  async #forgetClosed(
    query: Query,
    scopes: readonly string[],
    ids: readonly string[],
  ): Promise<void> {
    await query(
      `DELETE FROM ${this.#accounts} AS account USING unnest($1::text[], $2::text[]) AS named (scope, id)
       WHERE account.scope = named.scope AND account.id = named.id
         AND is_closed AND open_reservations = 0`,
      [scopes, ids],
    );
  }

  /** @param work - `isRepeat` is true if the connection broke, so that the work may have been committed. */
  async #transaction<T>(
    work: (transaction: Transaction, isRepeat: boolean) => Promise<T>,
  ): Promise<T> {
    let isRepeat = false;
    let outage: unknown;
    const signal = AbortSignal.timeout(this.#patienceMs);
    try {
      return await outlastOutages(
        () => this.#database.transaction((transaction) => work(transaction, isRepeat)),
        {
          signal,
          onOutage: (error) => {
            isRepeat = true;
            outage = error;
          },
        },
      );
    } catch (error) {
      throw error === signal.reason ? outage : error;
    }
  }
}

/** Thrown to roll back the transaction. */
class NoRoom extends Error {
  override readonly name = "NoRoom";
  readonly shortage: Shortage;

  constructor(shortage: Shortage) {
    super(`No room in ${keyOf(shortage)}`);
    this.shortage = shortage;
  }
}

function shortageOf(
  { accounts, amount }: ReserveRequest,
  balances: ReadonlyMap<string, Balance>,
): Shortage | undefined {
  const shortages = accounts.map((account) => shortageIn(account, amount, balances));
  return shortages.find((shortage) => shortage !== undefined);
}

function shortageIn(
  account: AccountRequest,
  amount: Amount,
  balances: ReadonlyMap<string, Balance>,
): Shortage | undefined {
  const balance = balances.get(keyOf(account)) ?? { spent: nothing, held: nothing };
  const unit = exceeded(balance, amount, account.limit);
  return unit && { ...account, unit, balance };
}

function keyOf({ scope, id }: { readonly scope: string; readonly id: string }): string {
  return `${scope}:${id}`;
}

function toBalance(row: AccountRow): Balance {
  return {
    spent: { picoUsd: BigInt(row.spent_pico_usd), tokens: Number(row.spent_tokens) },
    held: { picoUsd: BigInt(row.held_pico_usd), tokens: Number(row.held_tokens) },
  };
}
