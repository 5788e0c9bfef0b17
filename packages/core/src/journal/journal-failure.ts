/**
 * Errors that a journal threw. They are marked and not wrapped, because a journal also throws the reason of
 * its run's abort, which the caller gets unchanged.
 */
const journalFailures = new WeakSet();

/** Calls a journal, and marks its error. */
export async function journalOperation<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (thrown) {
    const error =
      thrown instanceof Error ? thrown : new Error("The journal failed", { cause: thrown });
    journalFailures.add(error);
    throw error;
  }
}

/**
 * Whether a journal threw the error, and not the work whose result was to be stored. Such a failure ends the
 * run's execution: a model could not handle it as a message.
 */
export function isJournalFailure(error: unknown): error is Error {
  return error instanceof Error && journalFailures.has(error);
}
