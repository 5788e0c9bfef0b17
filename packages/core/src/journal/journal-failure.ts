/**
 * Errors that a journal threw. They are marked and not wrapped: a journal also throws the reason of
 * its run's abort, and the caller gets that reason as it is.
 */
const journalFailures = new WeakSet();

/** Does something with a journal, and marks the error if that fails. */
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
 * Whether a journal threw the error, and not the work that was to be stored. Such a failure ends the
 * run's execution: a model that got it as a message could do nothing about it.
 */
export function isJournalFailure(error: unknown): error is Error {
  return error instanceof Error && journalFailures.has(error);
}
