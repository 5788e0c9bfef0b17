/** What a run does that must not be done twice: a model call or a tool call. */
export interface JournalEntry {
  readonly kind: "call" | "tool";
  /** Where in the run, the same after a crash; see {@link stepOf}. */
  readonly step: string;
  /** The role, or the tool. */
  readonly name: string;
  /** Hash of the request. */
  readonly request: string;
}

/**
 * Remembers what a durable run has done, so that it is not done twice when the run goes on after a
 * crash. A journal belongs to one execution of one run; it comes down to calls and tools in
 * `configurable`.
 */
export interface Journal {
  /**
   * Gives the value kept for this entry, or does the work and keeps its value before it resolves.
   *
   * Identical entries of one execution are told apart by their order: the second one asked gets the
   * second value kept. Work that fails keeps nothing, and its error is thrown as it came. Work may
   * itself ask the journal: a tool may call an agent.
   *
   * @param work - Called at most once. What it resolves with is JSON, `null` too: that is kept like
   *   any other value.
   */
  once<T>(entry: JournalEntry, work: () => Promise<T>): Promise<T>;
}
