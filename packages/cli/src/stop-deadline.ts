import { setTimeout as sleep } from "node:timers/promises";
import { NotHandedBackError } from "./errors/not-handed-back-error.ts";

/** Time after the grace time in which stopped runs are written to the database and connections are closed. */
export const closingMs = 15_000;

/**
 * Starts the deadline of a command that stops, after `graceMs` and {@link closingMs}. Without it, a worker would wait
 * until the database is available again, to hand back its runs.
 *
 * @returns a function that waits for a part of the work, and throws a {@link NotHandedBackError} at the deadline
 */
export function startStopDeadline(graceMs: number): (work: Promise<unknown>) => Promise<void> {
  const late = sleep(graceMs + closingMs, "late" as const, { ref: false });
  return async (work) => {
    if ((await Promise.race([work, late])) === "late") throw new NotHandedBackError();
  };
}
