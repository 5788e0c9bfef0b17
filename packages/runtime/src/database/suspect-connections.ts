import type { Pool, PoolClient } from "pg";
import { breakConnection } from "./break-connection.ts";
import { isSilence, outageOf } from "./outage.ts";

export interface SuspectConnectionsOptions {
  readonly pools: readonly Pool[];
  /** A pool whose statements may take long, so a broken connection is noticed late. */
  readonly slowPool: Pool;
  /** Called when a connection was lost, for connections outside of the pools. */
  readonly onLoss: () => void;
}

/**
 * When one connection turns out to be lost, or to lead to a server that does not accept writes, the others
 * probably are too, and each would fail a statement first. So the idle ones are closed. If a connection did not
 * answer, the slow pool's are closed even while they are in use.
 */
export function watchForSuspectConnections(options: SuspectConnectionsOptions): void {
  const { pools, slowPool, onLoss } = options;
  const idle = new Set<PoolClient>();
  const slow = new Set<PoolClient>();
  slowPool.on("connect", (client) => slow.add(client));
  slowPool.on("remove", (client) => slow.delete(client));
  const onOutage = (error: unknown) => {
    for (const client of idle) {
      // The pool removes an idle connection that reports an error.
      client.emit("error", new Error("Connection terminated: another one to the server was lost"));
      breakConnection(client);
    }
    idle.clear();
    if (isSilence(error)) for (const client of slow) breakConnection(client);
    onLoss();
  };
  for (const pool of pools) {
    pool.on("acquire", (client) => idle.delete(client));
    pool.on("remove", (client) => idle.delete(client));
    pool.on("release", (error: unknown, client) => {
      const outage = outageOf(error);
      if (outage === "lost" || outage === "read-only") onOutage(error);
      else if (!error) idle.add(client);
    });
  }
}
