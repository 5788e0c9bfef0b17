import type { Pool, PoolClient } from "pg";
import type { Database, DatabaseBackend, Query, Transaction } from "./database.ts";

/** Who hears notifications. */
export interface Ears {
  readonly listen: Database["listen"];
  readonly close: () => Promise<void>;
}

export interface PooledDatabaseOptions {
  readonly backend: DatabaseBackend;
  readonly schema: string;
  readonly pool: Pool;
  readonly ears: Ears;
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
  readonly canNotify: boolean;
  readonly pool: Pool;
  readonly #options: PooledDatabaseOptions;
  #closing: Promise<void> | undefined;

  constructor(options: PooledDatabaseOptions) {
    this.#options = options;
    this.backend = options.backend;
    this.schema = options.schema;
    this.canNotify = options.backend !== "cockroachdb";
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
    return this.#notify(this.query, channel, payload);
  }

  listen: Database["listen"] = (...options) => this.#options.ears.listen(...options);

  exclusively: Database["exclusively"] = (name, work) => this.#options.exclusively(name, work);

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const query = queryOf(client);
    const committed: (() => void)[] = [];
    let isBroken = false;
    try {
      await query("BEGIN");
      const notify = (channel: string, payload: string) => this.#notify(query, channel, payload);
      const afterCommit = (then: () => void) => void committed.push(then);
      const result = await work({ query, notify, afterCommit });
      await query("COMMIT");
      for (const then of committed) then();
      return result;
    } catch (error) {
      await query("ROLLBACK").catch(() => (isBroken = true));
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** The server holds it back until the commit. */
  async #notify(query: Query, channel: string, payload: string): Promise<void> {
    if (this.canNotify) await query("SELECT pg_notify($1, $2)", [channel, payload]);
  }

  async #close(): Promise<void> {
    await this.#options.ears.close();
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
