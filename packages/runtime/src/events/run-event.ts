import type { OrchestraEvent } from "@orchestra/core";
import type { ForkOrigin, RunFailure, RunStatus, Waiting } from "../runs/run.ts";

/** Events of a run as a whole. */
export type LifecycleEvent =
  | {
      readonly type: "run-queued";
      readonly pipeline: string;
      /** Only for a fork. */
      readonly forkedFrom?: ForkOrigin | undefined;
    }
  /** A worker executes it. */
  | { readonly type: "run-start"; readonly worker: string; readonly execution: number }
  /** Its worker has died. Another one continues the run, or it is given up. */
  | { readonly type: "run-lost"; readonly worker: string; readonly execution: number }
  /** Its worker stops. Another one continues it. */
  | { readonly type: "run-handed-back"; readonly worker: string }
  /** A step of the graph is done, and its checkpoint is stored. */
  | { readonly type: "step-end"; readonly step: string }
  | { readonly type: "run-waiting"; readonly waiting: Waiting }
  | { readonly type: "run-resumed" }
  /** A person has decided. */
  | { readonly type: "run-decision"; readonly interrupt: string; readonly value: unknown }
  | { readonly type: "run-cancel-requested"; readonly reason: string }
  /** It continues from a step, or from its beginning. */
  | { readonly type: "run-retry"; readonly from?: string | undefined }
  | {
      readonly type: "run-end";
      readonly status: RunStatus;
      readonly output?: unknown;
      readonly error?: RunFailure | undefined;
    };

/** One event of a run. */
export type RunEvent = StoredEvent | LiveEvent;

interface OfRun {
  readonly runId: string;
  /** As ISO 8601. */
  readonly at: string;
  /** The position after this event, for `after` of {@link FollowOptions}. */
  readonly cursor: string;
}

/** An event that is stored for as long as its run is. */
export type StoredEvent = OfRun & {
  /** From 1, without gaps. */
  readonly number: number;
  /** Only if a newer version has stored the event, in a format that this version does not know. */
  readonly format?: number;
} & (LifecycleEvent | OrchestraEvent);

/**
 * A piece of an answer that is being written. The whole answer is stored when it has ended; a reader that
 * has read its pieces then gets the rest of it.
 */
export type LiveEvent = OfRun & { readonly number?: undefined } & LiveDelta;

/** A piece of an answer, and its position in the answer: a text in characters, an object by its revision. */
export type LiveDelta = OrchestraEvent & { type: "text-delta" | "object-delta" } & {
  readonly offset: number;
};

/** An event before it gets its number. */
export type NewEvent = LifecycleEvent | OrchestraEvent;
