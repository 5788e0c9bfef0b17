import { quoted, type Database } from "../database/index.ts";
import type { SharedAccountJson } from "./shared-account.ts";

/** The channel on which processes wake each other. */
export const limitsChannel = "orchestra_limits";

/** A message on {@link limitsChannel}. */
export interface WakeMessage {
  readonly account: string;
  /** Ids of the processes to wake. */
  readonly wakes: readonly string[];
}

/** What a transaction writes. */
export interface Written {
  readonly json: SharedAccountJson;
  readonly wakes: readonly string[];
}

/**
 * A process that stops while it has locked the row would block all others. The server ends its
 * transaction after this time.
 */
const maxHold = "5s";

/** The table `rate_limits`: one row for each account, which one process at a time reads and writes. */
export class LimitsTable {
  readonly #database: Database;
  readonly #account: string;
  readonly #table: string;

  constructor(database: Database, account: string) {
    this.#database = database;
    this.#account = account;
    this.#table = `${quoted(database.schema)}.rate_limits`;
  }

  /**
   * Changes the account's document in one transaction. The transaction may be repeated, and after an
   * error it is unknown whether it was committed.
   *
   * @param work - Called with the document and the database's time, in milliseconds since the epoch.
   */
  async change<Outcome extends Written>(
    work: (json: SharedAccountJson, now: number) => Outcome,
  ): Promise<Outcome> {
    return this.#database.transaction(async ({ query, notify }) => {
      const lock = () =>
        query<{ state: SharedAccountJson; now: number }>(this.#lockStatement, [this.#account]);
      let [row] = await lock();
      if (!row) {
        await query(
          `INSERT INTO ${this.#table} (account, state) VALUES ($1, '{}') ON CONFLICT DO NOTHING`,
          [this.#account],
        );
        [row] = await lock();
      }
      if (!row)
        throw new Error(
          `The account ${this.#account} was deleted from rate_limits during a transaction`,
        );
      const outcome = work(row.state, row.now);
      await query(`UPDATE ${this.#table} SET state = $2, updated_at = now() WHERE account = $1`, [
        this.#account,
        JSON.stringify(outcome.json),
      ]);
      if (outcome.wakes.length > 0) {
        const message: WakeMessage = { account: this.#account, wakes: outcome.wakes };
        await notify(limitsChannel, JSON.stringify(message));
      }
      return outcome;
    });
  }

  get #lockStatement(): string {
    return `SELECT state, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
        set_config('idle_in_transaction_session_timeout', '${maxHold}', true)
      FROM ${this.#table} WHERE account = $1 FOR UPDATE`;
  }
}
