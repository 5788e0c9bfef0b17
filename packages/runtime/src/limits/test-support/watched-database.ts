import { EventEmitter } from "node:events";
import type { Database, Transaction } from "../../database/index.ts";

/**
 * Databases whose pending queries a test can await before it advances its clock. Notifications are
 * delivered at the commit; a server delivers them shortly after.
 */
export class WatchedDatabases {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #notices = new EventEmitter().setMaxListeners(0);
  /** Number of transactions that were started. */
  transactions = 0;

  /** Resolves when no query is pending, nor any that follows from the results. */
  readonly idle = async (): Promise<void> => {
    do {
      await Promise.allSettled(this.#pending);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } while (this.#pending.size > 0);
  };

  watch(database: Database): Database {
    return {
      backend: database.backend,
      schema: database.schema,
      hearsNotifications: true,
      pool: database.pool,
      backgroundPool: database.backgroundPool,
      query: (text, values) => this.#watch(database.query(text, values)),
      heartbeat: (text, values) => this.#watch(database.heartbeat(text, values)),
      transaction: (work) => this.#watch(this.#transaction(database, work)),
      notify: (channel, payload) => database.notify(channel, payload),
      listen: async (channel, onNotification) => {
        this.#notices.on(channel, onNotification);
        const stop = async () => void this.#notices.off(channel, onNotification);
        return { [Symbol.asyncDispose]: stop };
      },
      exclusively: (name, work) => database.exclusively(name, work),
      close: () => database.close(),
      [Symbol.asyncDispose]: () => database.close(),
    };
  }

  async #transaction<T>(
    database: Database,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    this.transactions += 1;
    let notices: [channel: string, payload: string][] = [];
    const result = await database.transaction(({ query, afterCommit }) => {
      notices = [];
      const notify = async (channel: string, payload: string) =>
        void notices.push([channel, payload]);
      return work({ query, notify, afterCommit });
    });
    for (const [channel, payload] of notices) this.#notices.emit(channel, payload);
    return result;
  }

  #watch<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const end = () => void this.#pending.delete(work);
    work.then(end, end);
    return work;
  }
}
