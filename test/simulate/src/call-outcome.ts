import type { OrchestraEvent } from "@orchestra/core";
import type { PlannedCall } from "./scenario/callers.ts";

/** An event of one call, with its time. */
export interface TimedEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: OrchestraEvent;
}

/**
 * How a call ended for its caller.
 *
 * - `answered`: with a whole answer, or a stream read to its end.
 * - `failed`: with an error before any part of the answer had arrived.
 * - `interrupted`: with an error while its stream was read.
 * - `aborted`: with the reason of the caller's abort.
 * - `left`: the reader stopped reading its stream.
 */
export type OutcomeKind = "answered" | "failed" | "interrupted" | "aborted" | "left";

/** One call as its caller saw it. */
export interface CallOutcome {
  readonly call: PlannedCall;
  /** Milliseconds since the epoch; absent for a call that was never made. */
  startedAt?: number;
  endedAt?: number;
  kind?: OutcomeKind;
  /** How often the call has ended; more than once is wrong. */
  ends: number;
  /** The answer; of a stream, the text after the last restart. */
  text: string;
  error?: unknown;
  /** When the caller aborted, and the number of that event in the order of all events. */
  abortedAt?: number;
  abortOrder?: number;
  readonly abortReason: Error;
  /** Whether the caller was waiting for Orchestra when it aborted. */
  wasWaitingAtAbort?: boolean;
  isWaiting: boolean;
  /** How long the reader paused, in milliseconds. */
  pausedMs: number;
  readonly events: TimedEvent[];
}
