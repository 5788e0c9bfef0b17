import { quoted, type Database } from "../database/index.ts";
import type { SyncReply, SyncRequest } from "./sync-messages.ts";
import { limitsChannel } from "./wake-message.ts";

/** The state of one account in the database, which each process reads and changes in one statement. */
export class LimitsTable {
  readonly #database: Database;
  readonly #account: string;
  readonly #statement: string;

  constructor(database: Database, account: string) {
    this.#database = database;
    this.#account = account;
    // The account's row is locked until the commit, and the disk, or a standby, would take longer for it than the
    // rest. A crash of the server may lose the grants of its last moments.
    this.#statement = `SELECT ${quoted(database.schema)}.limits_sync($1, $2, $3, $4) AS reply,
      set_config('synchronous_commit', 'off', true)`;
  }

  /**
   * Sends a sync. After an error it is unknown whether it was committed.
   *
   * @param number - Greater than that of the process's sync before.
   */
  async sync(
    holderId: string,
    number: number,
    request: Omit<SyncRequest, "channel">,
  ): Promise<SyncReply> {
    const sent: SyncRequest = { ...request, channel: limitsChannel(this.#database) };
    const values = [this.#account, holderId, number, JSON.stringify(sent)];
    const [row] = await this.#database.query<{ reply: SyncReply }>(this.#statement, values, {
      isFrequent: true,
    });
    if (!row) throw new Error("The database has not answered a sync of the rate limiter");
    return row.reply;
  }
}
