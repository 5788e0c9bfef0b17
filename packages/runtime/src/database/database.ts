import type { Pool } from "pg";

/** A PostgreSQL server, or PGlite, which is PostgreSQL inside this process. */
export type DatabaseBackend = "postgres" | "pglite";

/** Executes one statement. */
export interface Query {
  <Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
}

export interface QueryOptions {
  /**
   * Whether the same statement is sent often: a connection then keeps its plan. Has no effect in a transaction, or
   * if connections are not kept.
   *
   * @defaultValue `false`
   */
  readonly isFrequent?: boolean;
}

/** A statement, and the values of its placeholders. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Transaction {
  readonly query: Query;
  /** Notifies all listeners of the channel when the transaction has committed. */
  readonly notify: (channel: string, payload: string) => Promise<void>;
  /** Calls a function when the transaction has committed; not if it is rolled back. */
  readonly afterCommit: (work: () => void) => void;
}

/** Receives the notifications of a channel until it is disposed. */
export interface Subscription extends AsyncDisposable {
  /**
   * Resolves when notifications are received. Rejects if the server does not answer: the connection is still
   * retried, and `onReconnect` is called when it is back.
   */
  readonly begun: Promise<void>;
}

/** The one database of a runtime, with runs, events, queue, checkpoints and limits. */
export interface Database extends AsyncDisposable {
  readonly backend: DatabaseBackend;
  /** Schema of the runtime's own tables; the queue has a separate one. @defaultValue `orchestra` */
  readonly schema: string;
  /**
   * Whether notifications arrive: a check has received one. Behind a pooler in transaction mode they never
   * arrive, and listeners have to poll.
   */
  readonly receivesNotifications: boolean;
  /** On PGlite a pool of one connection: code that holds it must not wait for another one. */
  readonly pool: Pool;
  /** For statements that may take minutes, such as maintenance of the queue. On PGlite the same pool. */
  readonly backgroundPool: Pool;
  readonly query: Query;
  /**
   * Runs a statement on a connection that is only for heartbeats, so that they do not wait for a full pool.
   * Fails sooner than other statements. On PGlite the same as `query`.
   */
  readonly heartbeat: Query;
  /**
   * Does work in one transaction. Repeated from its beginning if the database requires it
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
  /** Does work while no other process does work with that name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
