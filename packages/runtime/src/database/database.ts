import type { Pool } from "pg";

/** A PostgreSQL server, or PGlite, which is PostgreSQL inside this process. */
export type DatabaseBackend = "postgres" | "pglite";

/** Runs one statement. */
export interface Query {
  <Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
}

export interface QueryOptions {
  /**
   * Whether the same text is sent often: a connection then keeps its plan. Has no effect in a transaction, nor
   * where connections are not kept.
   *
   * @defaultValue `false`
   */
  readonly isFrequent?: boolean;
}

/** A statement, and the values for its places. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Transaction {
  readonly query: Query;
  /** Reaches all who listen to the channel, when the transaction has committed. */
  readonly notify: (channel: string, payload: string) => Promise<void>;
  /** Does something when the transaction has committed; nothing where it has not. */
  readonly afterCommit: (work: () => void) => void;
}

/** Receives the notifications of a channel until it is disposed. */
export interface Subscription extends AsyncDisposable {
  /**
   * Resolves when notifications are received. Rejects where the server does not answer: the connection is still
   * retried, and `onReconnect` is called when it is back.
   */
  readonly begun: Promise<void>;
}

/** The one database of a runtime: runs, events, queue, checkpoints and limits are in it. */
export interface Database extends AsyncDisposable {
  readonly backend: DatabaseBackend;
  /** Schema of the runtime's own tables; the queue has one beside it. @defaultValue `orchestra` */
  readonly schema: string;
  /**
   * Whether notifications arrive: a check has received one. Behind a pooler in transaction mode they never
   * arrive, and listeners have to poll.
   */
  readonly receivesNotifications: boolean;
  /** On PGlite a pool of one connection: a holder of it must not wait for another. */
  readonly pool: Pool;
  /** For statements that may take minutes, such as the queue's upkeep. On PGlite the same pool. */
  readonly backgroundPool: Pool;
  readonly query: Query;
  /**
   * Runs a statement on a connection that is only for heartbeats, so that they do not wait for a full pool.
   * Fails sooner than other statements. On PGlite the same as `query`.
   */
  readonly heartbeat: Query;
  /**
   * Does work in one transaction. Done again, from its beginning, where the database asks for that
   * (serialization failure, deadlock).
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  notify(channel: string, payload: string): Promise<void>;
  /**
   * Receives the notifications of a channel.
   *
   * @param onReconnect - Called when the connection is back after a loss: notifications in between
   * were not received.
   */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect?: () => void,
  ): Subscription;
  /** Does work while no other process does work of that name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
