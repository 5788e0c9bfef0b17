import type { Pool, PoolClient } from "pg";
import type { Database, DatabaseBackend, Query, Transaction } from "./database.ts";

/** How notifications travel: over connections, or inside the process. */
export interface Notices {
  /** Says it inside a transaction, to be heard when that has committed. */
  readonly say: (query: Query, channel: string, payload: string) => Promise<void>;
  /** The transaction that said something has ended. */
  readonly ended: (query: Query, hasCommitted: boolean) => void;
  readonly listen: Database["listen"];
  readonly close: () => Promise<void>;
}

export interface PooledDatabaseOptions {
  readonly backend: DatabaseBackend;
  readonly schema: string;
  readonly pool: Pool;
  readonly notices: Notices;
  readonly exclusively: Database["exclusively"];
  /** Closes what lies under the pool. */
  readonly onClose?: () => Promise<void>;
}

/** Serialization failure, deadlock: the database undid the transaction, and asks for it again. */
const repeatable = new Set(["40001", "40P01"]);
const mostRepeats = 20;

/** A database over node-postgres, which all backends are. */
export class PooledDatabase implements Database {
  readonly backend: DatabaseBackend;
  readonly schema: string;
  readonly pool: Pool;
  readonly #options: PooledDatabaseOptions;
  #closing: Promise<void> | undefined;

  constructor(options: PooledDatabaseOptions) {
    this.#options = options;
    this.backend = options.backend;
    this.schema = options.schema;
    this.pool = options.pool;
    // A connection that breaks is replaced at the next query; unheard, its error would end the process.
    this.pool.on("error", () => undefined);
    this.pool.on("connect", (client) => client.on("error", () => undefined));
  }

  readonly query: Query = async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ) => {
    const { rows } = await this.pool.query<Row>(text, [...values]);
    return rows;
  };

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        const { code = "" } = error as { code?: string };
        if (!repeatable.has(code) || repeats >= mostRepeats) throw error;
      }
    }
  }

  notify(channel: string, payload: string): Promise<void> {
    return this.transaction(({ notify }) => notify(channel, payload));
  }

  listen: Database["listen"] = (...options) => this.#options.notices.listen(...options);

  exclusively: Database["exclusively"] = (name, work) => this.#options.exclusively(name, work);

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { notices } = this.#options;
    const client = await this.pool.connect();
    const query = queryOf(client);
    let isBroken = false;
    let hasCommitted = false;
    try {
      await query("BEGIN");
      const notify = (channel: string, payload: string) => notices.say(query, channel, payload);
      const result = await work({ query, notify });
      await query("COMMIT");
      hasCommitted = true;
      return result;
    } catch (error) {
      await query("ROLLBACK").catch(() => (isBroken = true));
      throw error;
    } finally {
      client.release(isBroken);
      notices.ended(query, hasCommitted);
    }
  }

  async #close(): Promise<void> {
    await this.#options.notices.close();
    await this.pool.end();
    await this.#options.onClose?.();
  }
}

function queryOf(client: PoolClient): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const { rows } = await client.query<Row>(text, [...values]);
    return rows;
  };
}
