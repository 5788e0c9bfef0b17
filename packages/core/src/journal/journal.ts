import type { RequestOutline } from "./request-outline.ts";

/** Work of a run that should not be repeated after a crash: a model call or a tool call. */
export interface JournalEntry {
  readonly kind: "call" | "tool";
  /** The step of the run, which is the same after a crash; see {@link stepOf}. */
  readonly step: string;
  /** The role, or the tool. */
  readonly name: string;
  /** Hash of the request. */
  readonly request: string;
  /** Creates an outline of the request, with which a store can later describe differences to another request. */
  readonly outline?: (() => RequestOutline) | undefined;
}

/**
 * Stores the results of a durable run's model calls and tool calls, so that an execution after a
 * crash does not repeat them. A journal belongs to one execution of one run, which passes it to its
 * calls and tools in `configurable`.
 *
 * {@link createJournal} creates one from any store.
 */
export interface Journal {
  /**
   * Claims the entry's next slot in this execution: with the value stored there, or empty.
   *
   * Identical entries of one execution are distinguished by their order: the second claim takes the
   * second slot. Claims may be nested, because a tool may call an agent.
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

/** A slot in the journal without a value. */
export interface JournalSlot {
  /**
   * Stores the value and resolves when it is stored. If that fails, the slot is free again.
   *
   * @param value - JSON; `null` is a value like any other.
   */
  fill(value: unknown): Promise<void>;
  /**
   * The work failed: the slot is free again, and a retry in this execution takes it. Idempotent,
   * and without effect after `fill`.
   */
  release(): void;
}
