import { setTimeout as sleep } from "node:timers/promises";

const lostConnectionCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "ENOENT",
  // PostgreSQL: it shuts down, has crashed, is not ready yet, or has no connection to spare.
  "57P01",
  "57P02",
  "57P03",
  "53300",
]);

/** Whether the database was away, as opposed to saying no. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = "" } = error as { code?: string };
  if (lostConnectionCodes.has(code) || code.startsWith("08")) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  return /connection terminated|connection ended|client has encountered a connection error|timeout exceeded when trying to connect|not queryable/i.test(
    error.message,
  );
}

const firstWaitMs = 50;
const longestWaitMs = 2000;

/**
 * Does work again for as long as the database is away. The work has to be safe to repeat: where the
 * connection broke at the end of it, it may have been done.
 *
 * @throws the signal's reason; any error that is not about the connection
 */
export async function outlastOutages<T>(
  work: () => Promise<T>,
  { signal, onOutage, outlasts = isConnectionLost }: OutageOptions = {},
): Promise<T> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
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

export interface OutageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onOutage?: ((error: unknown) => void) | undefined;
  /** Errors after which the work is done again. @defaultValue {@link isConnectionLost} */
  readonly outlasts?: ((error: unknown) => boolean) | undefined;
}

async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(durationMs, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
