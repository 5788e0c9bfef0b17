import { setTimeout as sleep } from "node:timers/promises";
import { waits } from "@orchestra/core/extend";
import { isOutage } from "./outage.ts";

export interface OutageOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each attempt that failed because of an outage. */
  readonly onOutage?: ((error: unknown) => void) | undefined;
  /** Errors after which the work is repeated. @defaultValue {@link isOutage} */
  readonly outlasts?: ((error: unknown) => boolean) | undefined;
}

const minWaitMs = 50;
const maxWaitMs = 2000;

/**
 * Repeats work for as long as the database is not available. The work must be safe to repeat: if the
 * connection broke at its end, it may have been done.
 *
 * @throws the signal's reason; any error that is not an outage
 */
export async function outlastOutages<T>(
  work: () => Promise<T>,
  { signal, onOutage, outlasts = isOutage }: OutageOptions = {},
): Promise<T> {
  for (let waitMs = minWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!outlasts(error)) throw error;
      onOutage?.(error);
      await pause(waitMs * (0.5 + Math.random() / 2), signal);
    }
  }
}

/**
 * The same for work that only reads: after the signal, a late answer is not waited for.
 *
 * @throws the signal's reason, at once
 */
export function readPatiently<T>(read: () => Promise<T>, options: OutageOptions): Promise<T> {
  const reading = outlastOutages(read, options);
  return options.signal ? waits.unlessAborted(reading, options.signal) : reading;
}

async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(durationMs, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
