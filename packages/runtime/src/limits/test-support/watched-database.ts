import type { Database } from "../../database/index.ts";

/** A database of which a test can tell whether anybody waits for it. */
export interface WatchedDatabase {
  readonly database: Database;
  /** Resolves when nothing is asked of it, nor anything as a consequence of its answers. */
  readonly idle: () => Promise<void>;
}

export function watched(database: Database): WatchedDatabase {
  const pending = new Set<Promise<unknown>>();
  const watch = <T>(work: Promise<T>): Promise<T> => {
    pending.add(work);
    const end = () => void pending.delete(work);
    work.then(end, end);
    return work;
  };
  return {
    database: {
      backend: database.backend,
      schema: database.schema,
      canNotify: database.canNotify,
      pool: database.pool,
      query: (text, values) => watch(database.query(text, values)),
      transaction: (work) => watch(database.transaction(work)),
      notify: (channel, payload) => watch(database.notify(channel, payload)),
      listen: (...options) => watch(database.listen(...options)),
      exclusively: (name, work) => watch(database.exclusively(name, work)),
      close: () => database.close(),
      [Symbol.asyncDispose]: () => database.close(),
    },
    idle: async () => {
      do {
        await Promise.allSettled(pending);
        await nextTurn();
      } while (pending.size > 0);
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
