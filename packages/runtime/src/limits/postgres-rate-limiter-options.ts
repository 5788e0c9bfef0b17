import type { Clock } from "@orchestra/core";
import type { RateLimits } from "@orchestra/core/limits";
import type { Database } from "../database/index.ts";

export interface PostgresRateLimiterOptions {
  readonly database: Database;
  /** Name of the account; processes with the same name share it. Use `accountOf(apiKey)`, not the key itself. */
  readonly account: string;
  /** Changes to the account's limits, applied at this process's first request. @defaultValue no changes */
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds; the same in all processes. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /**
   * As in `createRateLimiter`; the same in all processes.
   *
   * @defaultValue a fiftieth of the window, at most 1,000
   */
  readonly safetyMarginMs?: number | undefined;
  /** When the requests of the day are used up, calls fail or wait for the next day. @defaultValue `"fail"` */
  readonly onDayExceeded?: "fail" | "delay" | undefined;
  /** As in `createRateLimiter`, in milliseconds. @defaultValue no limit */
  readonly maxRefusalMs?: number | undefined;
  /** As in `createRateLimiter`, in milliseconds. @defaultValue no limit: calls wait */
  readonly maxRefusalWaitMs?: number | undefined;
  /**
   * Maximum number of slots that this process reserves ahead of its calls, so that a burst of calls
   * needs fewer statements. It reserves as many as it has used recently, only while more than half
   * of each limit is left and no call waits, and none if tokens are limited. It returns unused slots
   * after a 60th of the window, at most a second.
   *
   * @defaultValue `5`
   */
  readonly slotsAhead?: number | undefined;
  /** Id of this process within the account. @defaultValue `randomUUID` */
  readonly holderId?: string | undefined;
  /**
   * A process that has not written to the database for this long counts as dead, and its requests as
   * ended, in milliseconds. A process with requests in flight writes after a third of that. Calls of a
   * process that was woken for a slot, and has not written for a sixth after that, are not waited for.
   * Where notifications do not arrive, a process with waiting calls asks after a 15th.
   *
   * @defaultValue `30_000`
   */
  readonly deadAfterMs?: number | undefined;
  /** For timers and durations in this process. @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /**
   * The time by which grants are booked, in milliseconds since the epoch; for tests with a fake clock.
   *
   * @defaultValue the database's, because the clocks of machines differ
   */
  readonly reference?: (() => number) | undefined;
  /** Uniform in [0, 1); spreads the reconnects of processes after an outage. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Called each time the database is not available. Calls wait in the meantime. */
  readonly onOutage?: ((error: unknown) => void) | undefined;
}
