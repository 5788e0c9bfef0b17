import { randomUUID } from "node:crypto";
import type { Clock } from "@orchestra/core";
import { FakeClock } from "@orchestra/core/testing";
import type { Database } from "../../database/index.ts";
import { PostgresRateLimiter } from "../postgres-rate-limiter.ts";
import type { PostgresRateLimiterOptions } from "../postgres-rate-limiter-options.ts";
import { WatchedDatabases } from "./watched-database.ts";

/** Some years. */
export const never = 1e12;

export interface ProcessOptions extends Partial<PostgresRateLimiterOptions> {
  /** How far the process's clock is ahead, in milliseconds. */
  readonly skewMs?: number;
  /** Draws the time of a request to the database, and of its answer, in milliseconds. */
  readonly latencyMs?: () => number;
  /** Draws whether the connection breaks before a statement, or before its answer arrives. */
  readonly breaks?: () => "before" | "after" | undefined;
}

/** Processes that share an account, in a time that passes when the test says so. */
export class Processes implements AsyncDisposable {
  readonly databases = new WatchedDatabases();
  readonly clock: FakeClock;
  readonly limiters: PostgresRateLimiter[] = [];
  readonly account = randomUUID();
  readonly #database: Database;

  constructor(database: Database, startAt = Date.UTC(2026, 4, 6, 12)) {
    this.#database = database;
    this.clock = new FakeClock(startAt, this.databases.idle);
  }

  start({
    skewMs = 0,
    latencyMs = () => 0,
    breaks = () => undefined,
    ...options
  }: ProcessOptions = {}): PostgresRateLimiter {
    const database = this.databases.watch(this.#database);
    const limiter = new PostgresRateLimiter({
      database: distant(database, this.clock, { latencyMs, breaks }),
      account: this.account,
      clock: skewed(this.clock, skewMs),
      reference: this.clock.now,
      windowMs: 1000,
      random: () => 0.5,
      safetyMarginMs: 0,
      deadAfterMs: never,
      ...options,
    });
    this.limiters.push(limiter);
    return limiter;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.limiters.map((limiter) => limiter.close()));
    await this.clock.advance(10_000);
    await closing;
  }
}

/** The same clock, with another offset. */
export function skewed(clock: Clock, skewMs: number): Clock {
  return { now: () => clock.now() + skewMs, sleep: clock.sleep, after: clock.after };
}

function distant(
  database: Database,
  clock: Clock,
  { latencyMs, breaks }: Required<Pick<ProcessOptions, "latencyMs" | "breaks">>,
): Database {
  const travel = async (isBroken: boolean) => {
    const durationMs = latencyMs();
    if (durationMs > 0) await clock.sleep(durationMs);
    if (isBroken) throw new Error("Connection terminated unexpectedly");
  };
  return {
    ...database,
    query: async (text, values) => {
      const breaksAt = breaks();
      await travel(breaksAt === "before");
      const rows = await database.query(text, values);
      await travel(breaksAt === "after");
      return rows as never;
    },
  };
}
