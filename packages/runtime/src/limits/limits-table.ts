import { quoted, type Database } from "../database/index.ts";
import type { SharedAccountJson } from "./shared-account.ts";

/** On which processes wake each other. */
export const limitsChannel = "orchestra_limits";

/** Whom a message on {@link limitsChannel} is for. */
export interface WakeMessage {
  readonly account: string;
  readonly wakes: readonly string[];
}

/** What a transaction leaves behind. */
export interface Written {
  readonly json: SharedAccountJson;
  readonly wakes: readonly string[];
}

/**
 * A process that stands still while it has the row would hold up all others; after this long the
 * server takes the row from it.
 */
const longestHold = "5s";

/** The table `rate_limits`: a row for each account, which one process at a time reads and writes. */
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
   * Does work on the account's document in one transaction. The work may be done again from its
   * beginning, and after an error nobody knows whether it was committed.
   *
   * @param work - Gets the document and the database's time, in milliseconds since the epoch.
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
      if (!row) throw new Error(`Somebody deletes the account ${this.#account} from rate_limits`);
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
    const hold =
      this.#database.backend === "cockroachdb"
        ? ""
        : `, set_config('idle_in_transaction_session_timeout', '${longestHold}', true)`;
    return `SELECT state, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now${hold}
      FROM ${this.#table} WHERE account = $1 FOR UPDATE`;
  }
}
