import type { PoolClient } from "pg";
import { openPostgres, type Database } from "../database/index.ts";

/** A database whose process can be stopped in the middle of its work, and woken up later. */
export interface FreezingDatabase extends AsyncDisposable {
  readonly database: Database;
  /**
   * From now on so many statements reach the server; then the connections break, and nothing is
   * answered any more.
   *
   * @returns what resolves when it is so
   */
  freezeAfter(statements: number): Promise<void>;
  /** What was asked meanwhile is told that the connection is lost; from now on all is as before. */
  thaw(): void;
}

/** @param schema - Of tables that are there. */
export async function openFreezingDatabase(url: string, schema: string): Promise<FreezingDatabase> {
  const database = await openPostgres({ url, schema, maxConnections: 4 });
  const clients = new Set<PoolClient>();
  const held: (() => void)[] = [];
  let left = Infinity;
  let frozen = Promise.withResolvers<void>();

  const freeze = (): void => {
    for (const client of clients) breakOff(client);
    clients.clear();
    frozen.resolve();
  };
  const watch = (client: PoolClient): void => {
    clients.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    const freezing = (...parameters: unknown[]): unknown => {
      if (left > 0) {
        left -= 1;
        return query(...parameters);
      }
      freeze();
      const callback = parameters.at(-1);
      const { promise, reject } = Promise.withResolvers<never>();
      const fail = (typeof callback === "function" ? callback : reject) as (error: Error) => void;
      held.push(() => fail(new Error("Connection terminated unexpectedly")));
      return typeof callback === "function" ? undefined : promise;
    };
    Object.assign(client, { query: freezing });
  };
  database.pool.on("connect", watch);
  // The connection that it was opened with is to freeze too.
  const first = await database.pool.connect();
  watch(first);
  first.release();
  return {
    database,
    freezeAfter(statements) {
      frozen = Promise.withResolvers();
      left = statements;
      return frozen.promise;
    },
    thaw() {
      left = Infinity;
      for (const fail of held.splice(0)) fail();
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** The server rolls back what is not committed, as it does when a process is gone. */
function breakOff(client: PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
