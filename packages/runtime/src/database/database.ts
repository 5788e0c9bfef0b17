import type { Pool } from "pg";

/** What speaks PostgreSQL's protocol; pg-boss names its kinds. */
// Written out: pg-boss's declarations, which have it too, do not type-check without `skipLibCheck`.
export type DatabaseBackend = "postgres" | "cockroachdb" | "yugabytedb" | "citus" | "pglite";

/** Runs one statement. */
export interface Query {
  <Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

export interface Transaction {
  readonly query: Query;
  /** Reaches all who listen to the channel, when the transaction has committed. */
  readonly notify: (channel: string, payload: string) => Promise<void>;
  /** Does something when the transaction has committed; nothing where it has not. */
  readonly afterCommit: (work: () => void) => void;
}

/** The one database of a runtime: runs, events, queue, checkpoints and limits lie in it. */
export interface Database extends AsyncDisposable {
  readonly backend: DatabaseBackend;
  /** Schema of the runtime's own tables; the queue has one beside it. @defaultValue `orchestra` */
  readonly schema: string;
  /** Whether there is LISTEN and NOTIFY; where there is not, listeners hear nothing and have to poll. */
  readonly canNotify: boolean;
  /** On PGlite a pool of one connection: who holds it must not wait for another. */
  readonly pool: Pool;
  readonly query: Query;
  /**
   * Does work in one transaction. Done again, from its beginning, where the database asks for that
   * (serialization failure, deadlock).
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  notify(channel: string, payload: string): Promise<void>;
  /**
   * Hears notifications of a channel until it is disposed of.
   *
   * @param onReconnect - Called when the connection is back after a loss: what was said meanwhile was
   * not heard.
   */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<AsyncDisposable>;
  /** Does work while no other process does work of that name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
