import { setTimeout as sleep } from "node:timers/promises";
import { NotHandedBackError } from "./errors/not-handed-back-error.ts";

/** How long it may take, after the grace time, to write down what was stopped, and to disconnect. */
export const closingMs = 15_000;

/**
 * Limits the time that a command takes to stop, from now on. While the database is not available, a worker waits
 * for it to hand back its runs.
 *
 * @returns waits for a part of the work, and throws a {@link NotHandedBackError} when the time is over
 */
export function timeToStop(graceMs: number): (work: Promise<unknown>) => Promise<void> {
  const late = sleep(graceMs + closingMs, "late" as const, { ref: false });
  return async (work) => {
    if ((await Promise.race([work, late])) === "late") throw new NotHandedBackError();
  };
}
