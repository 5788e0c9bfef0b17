import type { RequestOutline } from "./request-outline.ts";

/** What a run does and should not repeat after a crash: a model call or a tool call. */
export interface JournalEntry {
  readonly kind: "call" | "tool";
  /** The step of the run, the same one after a crash; see {@link stepOf}. */
  readonly step: string;
  /** The role, or the tool. */
  readonly name: string;
  /** Hash of the request. */
  readonly request: string;
  /** Makes the request in short, for a store that is to say later what differs in another request. */
  readonly outline?: (() => RequestOutline) | undefined;
}

/**
 * Stores the results of a durable run's model calls and tool calls, so that an execution after a
 * crash does not repeat them. A journal belongs to one execution of one run, which passes it to its
 * calls and tools in `configurable`.
 *
 * {@link createJournal} makes one from any store.
 */
export interface Journal {
  /**
   * Takes the entry's next place in this execution: with the value stored there, or a slot to fill.
   *
   * Identical entries of one execution are distinguished by their order: the second claim takes the
   * second place. Claims may be nested, because a tool may call an agent.
   */
  claim(entry: JournalEntry): Promise<JournalClaim>;
}

export type JournalClaim = (
  | { readonly isStored: true; readonly value: unknown }
  | { readonly isStored: false; readonly slot: JournalSlot }
) & {
  /** 1 for the first of identical entries in one execution. @defaultValue `1` */
  readonly occurrence?: number;
};

/** A place in the journal that has no value yet. */
export interface JournalSlot {
  /**
   * Stores the value and resolves when it is stored. If that fails, the place is free again.
   *
   * @param value - JSON; `null` is a value like any other.
   */
  fill(value: unknown): Promise<void>;
  /**
   * The work failed: the place is free again, and a retry in this execution takes it. Idempotent,
   * and without effect after `fill`.
   */
  release(): void;
}
