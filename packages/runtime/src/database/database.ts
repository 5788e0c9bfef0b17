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
   * Resolves when it hears. Rejects where the server does not answer: the connection is tried again all the
   * same, and `onReconnect` is called when it is there.
   */
  readonly begun: Promise<void>;
}

/** The one database of a runtime: runs, events, queue, checkpoints and limits are in it. */
export interface Database extends AsyncDisposable {
  readonly backend: DatabaseBackend;
  /** Schema of the runtime's own tables; the queue has one beside it. @defaultValue `orchestra` */
  readonly schema: string;
  /**
   * Whether a notification has arrived where this process listens. Behind a pooler that lends connections
   * for a transaction it never does: listeners have to poll.
   */
  readonly hearsNotifications: boolean;
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
   * Hears notifications of a channel.
   *
   * @param onReconnect - Called when the connection is back after a loss: what was said meanwhile was
   * not heard.
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
