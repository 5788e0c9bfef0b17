import type { Database } from "../database/index.ts";

/** Statements that do not reach the database until they are released, or this is disposed of. */
export interface HeldStatements extends Disposable {
  /** Resolves when there is one. */
  readonly begun: Promise<void>;
  readonly release: () => void;
}

/** The renewal of a worker's leases: while it is held, the worker does not notice that it has lost a run. */
export function holdHeartbeats(database: Database): HeldStatements {
  return hold(database, "heartbeat", /./);
}

/** The claim of a run, of which the worker has the job. */
export function holdClaims(database: Database): HeldStatements {
  return hold(database, "query", /SET\s+status = 'running'/);
}

/** The writes of an execution. */
export function holdWrites(database: Database): HeldStatements {
  return hold(database, "query", /SET\s+writes = /);
}

/** Every statement that reads the whole row of a run. */
export function holdReads(database: Database): HeldStatements {
  return hold(database, "query", /^SELECT \* FROM "\w+"\.runs WHERE id = /);
}

/** The statements that count a call on shared limits, such as the rate of a key. */
export function holdLimits(database: Database): HeldStatements {
  return hold(database, "query", /\.limits_sync\(/);
}

function hold(database: Database, method: "query" | "heartbeat", texts: RegExp): HeldStatements {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const execute: Database["query"] = database[method];
  const held: Database["query"] = async (text, ...more) => {
    if (texts.test(text)) {
      begin();
      await released;
    }
    return execute(text, ...more);
  };
  Object.assign(database, { [method]: held });
  return { begun, release, [Symbol.dispose]: release };
}
