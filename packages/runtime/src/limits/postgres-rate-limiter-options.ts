import type { Clock } from "@orchestra/core";
import type { RateLimits } from "@orchestra/core/limits";
import type { Database } from "../database/index.ts";

export interface PostgresRateLimiterOptions {
  readonly database: Database;
  /** What processes share that give the same name: `accountOf(apiKey)`, never the key itself. */
  readonly account: string;
  /** Laid over the account's limits when this process first asks. @defaultValue they stay */
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds; the same in all processes. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /**
   * As of `createRateLimiter`; the same in all processes.
   *
   * @defaultValue a fiftieth of the window, at most 1,000
   */
  readonly safetyMarginMs?: number | undefined;
  /** What calls do when the day is used up: fail, or wait for the next one. @defaultValue `"fail"` */
  readonly onDayExceeded?: "fail" | "delay" | undefined;
  /**
   * Most slots that this process takes before there is a call for them, so that a burst of calls does
   * not ask the database one by one. It takes as many as it has just used, only while more than half
   * of every limit is left and nobody waits, and none where tokens are limited. What it has not used
   * after a 60th of the window, at most a second, it gives back.
   *
   * @defaultValue `5`
   */
  readonly leaseAhead?: number | undefined;
  /** Names this process among those of the account. @defaultValue `randomUUID` */
  readonly holderId?: string | undefined;
  /**
   * After how long without a word from it a process counts as dead, in milliseconds, and what it had
   * in flight as ended. It says a word every third of that while it has requests in flight, and every
   * 15th while calls wait in it; for calls of a process unseen for a sixth nobody waits.
   *
   * @defaultValue `30_000`
   */
  readonly deadAfterMs?: number | undefined;
  /** Timers of this process, and differences of time. @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /**
   * By whose time grants are booked, in milliseconds since the epoch; for tests that own the time.
   *
   * @defaultValue the database's, for the clocks of machines differ
   */
  readonly reference?: (() => number) | undefined;
  /** Uniform in [0, 1); spreads the times at which processes ask a database that was away. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Hears of each time that the database could not be asked. Calls wait meanwhile. */
  readonly onOutage?: ((error: unknown) => void) | undefined;
}
