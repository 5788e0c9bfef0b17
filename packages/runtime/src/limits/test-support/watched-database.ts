import { EventEmitter } from "node:events";
import type { Database, Query } from "../../database/index.ts";
import type { SyncReply, SyncRequest } from "../sync-messages.ts";
import type { WakeMessage } from "../wake-message.ts";

/** Values that the database's function returns for tests, in addition to its reply. */
interface WakingReply extends SyncReply {
  readonly wakes: readonly string[];
  readonly wakesAll: boolean;
  readonly tellsWaiting: boolean;
}

/**
 * Databases whose pending queries a test can await before it advances its clock. Notifications are
 * delivered with the answer; a server delivers them shortly after.
 */
export class WatchedDatabases {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #notices = new EventEmitter().setMaxListeners(0);
  /** Statements that were sent. */
  readonly statements: string[] = [];

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
      receivesNotifications: true,
      pool: database.pool,
      backgroundPool: database.backgroundPool,
      heartbeat: (text, values) => this.#watch(database.heartbeat(text, values)),
      query: (text, values) => this.#watch(this.#query(database, text, values)),
      transaction: (work) => this.#watch(database.transaction(work)),
      notify: async (channel, payload) => void this.#notices.emit(channel, payload),
      listen: (channel, onNotification) => {
        this.#notices.on(channel, onNotification);
        const stop = async () => void this.#notices.off(channel, onNotification);
        return { begun: Promise.resolve(), [Symbol.asyncDispose]: stop };
      },
      exclusively: (name, work) => database.exclusively(name, work),
      close: () => database.close(),
      [Symbol.asyncDispose]: () => database.close(),
    };
  }

  async #query<Row extends object>(
    database: Database,
    text: string,
    values: Parameters<Query>[1] = [],
  ): Promise<Row[]> {
    this.statements.push(text);
    if (!text.includes("limits_sync")) return database.query<Row>(text, values);
    const [account, holder, number, json] = values;
    // The server's own notifications would arrive at an unknown time.
    const { channel, ...request } = JSON.parse(String(json)) as SyncRequest;
    const rows = await database.query<Row>(text, [
      account,
      holder,
      number,
      JSON.stringify(request),
    ]);
    const { reply } = rows[0] as { readonly reply?: WakingReply };
    if (reply) this.#notify(channel, String(account), reply);
    return rows;
  }

  #notify(channel: string, account: string, { wakes, wakesAll, tellsWaiting }: WakingReply): void {
    if (!(wakesAll || tellsWaiting || wakes.length > 0)) return;
    const message: WakeMessage = {
      account,
      wakes: wakesAll ? null : wakes,
      isWaitedFor: tellsWaiting,
    };
    this.#notices.emit(channel, JSON.stringify(message));
  }

  #watch<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const end = () => void this.#pending.delete(work);
    work.then(end, end);
    return work;
  }
}
