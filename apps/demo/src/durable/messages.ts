import type { DocumentsProgress } from "@orchestra/tools/documents";
import type { DatabaseBackend, Run, RunEvent } from "@orchestra/runtime";
import type { PlainError } from "./worker-failure.ts";

/** The first message to the worker's process: the run that it has to execute. */
export type Job = {
  readonly runId: string;
  /** Whether logs are printed. */
  readonly logs: boolean;
} & (
  | { readonly kind: "start"; readonly question: string; readonly folder: string }
  /** `after` is the cursor of the last event that the parent has. */
  | { readonly kind: "resume"; readonly after: string }
);

/** A message of the worker's process. */
export type Message =
  /** The database is open. */
  | { readonly type: "database"; readonly backend: DatabaseBackend }
  | { readonly type: "documents"; readonly progress: DocumentsProgress }
  /** A notice that does not belong to the run. */
  | { readonly type: "note"; readonly text: string }
  /** The run exists, and has this many events. */
  | { readonly type: "run"; readonly question: string; readonly lastEvent: number }
  | { readonly type: "event"; readonly event: RunEvent }
  | { readonly type: "ending"; readonly ending: Ending }
  | { readonly type: "failure"; readonly error: PlainError };

/** Why the worker's process stops executing the run. */
export type Ending =
  | { readonly kind: "ended"; readonly run: Pick<Run, "status" | "output" | "error"> }
  /** The day's calls are used up. */
  | { readonly kind: "parked"; readonly until: string };
