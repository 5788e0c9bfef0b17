import type { OrchestraEvent } from "@orchestra/core";
import type { ForkOrigin, RunFailure, RunStatus, Waiting } from "../runs/run.ts";

/** What happens to a run as a whole. */
export type LifecycleEvent =
  | {
      readonly type: "run-queued";
      readonly pipeline: string;
      /** Only of a fork. */
      readonly forkedFrom?: ForkOrigin | undefined;
    }
  /** A worker executes it. */
  | { readonly type: "run-start"; readonly worker: string; readonly execution: number }
  /** Its worker is gone. Another one continues it, or it is given up. */
  | { readonly type: "run-lost"; readonly worker: string; readonly execution: number }
  /** Its worker stops. Another one continues it. */
  | { readonly type: "run-handed-back"; readonly worker: string }
  /** A step of the graph is done, and its checkpoint is stored. */
  | { readonly type: "step-end"; readonly step: string }
  | { readonly type: "run-waiting"; readonly waiting: Waiting }
  | { readonly type: "run-resumed" }
  /** A person has answered what the run waits for. */
  | { readonly type: "run-decision"; readonly interrupt: string; readonly value: unknown }
  | { readonly type: "run-cancel-requested"; readonly reason: string }
  /** It goes back to a step, or to its beginning. */
  | { readonly type: "run-retry"; readonly from?: string | undefined }
  | {
      readonly type: "run-end";
      readonly status: RunStatus;
      readonly output?: unknown;
      readonly error?: RunFailure | undefined;
    };

/** One thing that happened in a run. */
export type RunEvent = StoredEvent | LiveEvent;

interface OfRun {
  readonly runId: string;
  /** As ISO 8601. */
  readonly at: string;
  /** Where a reader continues after this event: the `after` of {@link FollowOptions}. */
  readonly cursor: string;
}

/** An event that is stored for as long as its run is. */
export type StoredEvent = OfRun & {
  /** From 1, without gaps. */
  readonly number: number;
  /** Only where a newer version has stored the event, in a form that this version does not know. */
  readonly format?: number;
} & (LifecycleEvent | OrchestraEvent);

/**
 * A piece of an answer that still grows. The whole answer is stored when it has ended; a reader that
 * has its pieces then gets the rest of it.
 */
export type LiveEvent = OfRun & { readonly number?: undefined } & LiveDelta;

/** A piece of an answer, and where in the answer it begins: a text in characters, an object by its revision. */
export type LiveDelta = OrchestraEvent & { type: "text-delta" | "object-delta" } & {
  readonly offset: number;
};

/** An event before the store has numbered it. */
export type NewEvent = LifecycleEvent | OrchestraEvent;
