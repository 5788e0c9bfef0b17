import type { Pool, PoolClient } from "pg";
import type { Database, DatabaseBackend, Query, Transaction } from "./database.ts";
import { receivesOwnNotifications } from "./receives-own-notifications.ts";
import { outageOf } from "./outage.ts";
import { outlastOutages } from "./outlast-outages.ts";
import { preparedQuery } from "./prepared-query.ts";

/** Receives notifications. */
export interface NotificationListener {
  readonly listen: Database["listen"];
  readonly close: () => Promise<void>;
}

export interface PooledDatabaseOptions {
  readonly backend: DatabaseBackend;
  readonly schema: string;
  readonly pool: Pool;
  /** @defaultValue the pool */
  readonly backgroundPool?: Pool;
  /** Has one connection for only this purpose. @defaultValue the pool */
  readonly heartbeatPool?: Pool;
  readonly listener: NotificationListener;
  /** Called if notifications do not arrive. @defaultValue they are not checked, and count as arriving */
  readonly onNotificationsMissing?: () => void;
  readonly exclusively: Database["exclusively"];
  /** Called with a promise that resolves when all connections are closed; the database is closed when it resolves. */
  readonly closing?: (closed: Promise<void>) => Promise<void>;
}

/** Serialization failure, deadlock: the database rolled the transaction back, and it must be repeated. */
const repeatable = new Set(["40001", "40P01"]);
const maxRepeats = 20;

/** A database over node-postgres. */
export class PooledDatabase implements Database {
  readonly backend: DatabaseBackend;
  readonly schema: string;
  readonly pool: Pool;
  readonly backgroundPool: Pool;
  readonly query: Query;
  readonly heartbeat: Query;
  readonly #options: PooledDatabaseOptions;
  #check: Promise<boolean> | undefined;
  #receives: boolean;
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: PooledDatabaseOptions) {
    this.#options = options;
    this.backend = options.backend;
    this.schema = options.schema;
    this.#receives = options.onNotificationsMissing === undefined;
    const { pool, backgroundPool = pool, heartbeatPool = pool } = options;
    this.pool = pool;
    this.backgroundPool = backgroundPool;
    this.query = preparedQuery(pool, () => this.#receives);
    this.heartbeat = queryOf(heartbeatPool);
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        const { code = "" } = error as { code?: string };
        if (!repeatable.has(code) || repeats >= maxRepeats) throw error;
      }
    }
  }

  notify(channel: string, payload: string): Promise<void> {
    return notify(this.query, channel, payload);
  }

  get receivesNotifications(): boolean {
    return this.#receives;
  }

  listen: Database["listen"] = (...options) => {
    const subscription = this.#options.listener.listen(...options);
    if (!this.#receives) {
      // If the first connection fails, the next one is checked.
      void subscription.begun.catch(() => undefined).then(() => this.#checkNotifications());
    }
    return subscription;
  };

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
    let loss: Error | undefined;
    try {
      await query("BEGIN");
      const result = await work({
        query,
        notify: (channel, payload) => notify(query, channel, payload),
        afterCommit: (then) => void committed.push(then),
      });
      await query("COMMIT");
      for (const then of committed) then();
      return result;
    } catch (error) {
      loss = await rollBack(query, error as Error);
      throw error;
    } finally {
      client.release(loss);
    }
  }

  /** Checks once whether notifications arrive; an outage only delays the check. */
  async #checkNotifications(): Promise<void> {
    if (this.#check) return;
    const { listener, onNotificationsMissing } = this.#options;
    const notifyAll = (channel: string, payload: string) => this.notify(channel, payload);
    const check = () =>
      receivesOwnNotifications(`${this.schema}_check`, listener.listen, notifyAll);
    this.#check = outlastOutages(check, { signal: this.#closed.signal });
    try {
      this.#receives = await this.#check;
      if (!this.#receives && !this.#closing) onNotificationsMissing?.();
    } catch {
      this.#check = undefined;
    }
  }

  async #close(): Promise<void> {
    const closed = this.#closeConnections();
    await (this.#options.closing?.(closed) ?? closed);
  }

  async #closeConnections(): Promise<void> {
    const { pool, listener, backgroundPool, heartbeatPool } = this.#options;
    this.#closed.abort();
    await listener.close();
    await Promise.all([pool.end(), backgroundPool?.end(), heartbeatPool?.end()]);
  }
}

/**
 * Makes a connection usable again after an error.
 *
 * @returns the reason why it has to be closed instead, if it has to
 */
async function rollBack(query: Query, error: Error): Promise<Error | undefined> {
  const outage = outageOf(error);
  if (outage === "lost" || outage === "read-only") return error;
  try {
    await query("ROLLBACK");
    return undefined;
  } catch (failure) {
    return failure as Error;
  }
}

/** In a transaction the server delivers it after the commit. */
async function notify(query: Query, channel: string, payload: string): Promise<void> {
  await query("SELECT pg_notify($1, $2)", [channel, payload]);
}

function queryOf(client: Pool | PoolClient): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const { rows } = await client.query<Row>(text, [...values]);
    return rows;
  };
}
