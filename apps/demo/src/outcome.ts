import type { CallRecord, Citation } from "@orchestra/core";

/** How a run ended, whichever way it did. */
export interface Outcome {
  readonly status: "succeeded" | "rejected" | "failed";
  readonly runId: string;
  readonly question: string;
  /** The deliverable; of a rejected run, the first reason. */
  readonly answer: string;
  readonly citations: readonly Citation[];
  /** Why the Validator turned the findings down. */
  readonly reasons: readonly string[];
  /** Every model call that was made, until the failure if there was one. */
  readonly calls: readonly CallRecord[];
  readonly error?: { readonly code: string; readonly message: string };
}

interface Failure {
  readonly runId: string;
  readonly calls: readonly CallRecord[];
  /** For an error that nobody foresaw: those of Orchestra say what to do, and need no stack. */
  readonly showsStack: boolean;
}

export function failedOutcome(error: unknown, { runId, calls, showsStack }: Failure): Outcome {
  const { code, message, stack } =
    error instanceof Error ? (error as ErrorWithCode) : unknownError(error);
  const isForeseen = typeof code === "string";
  return {
    status: "failed",
    runId,
    question: "",
    answer: "",
    citations: [],
    reasons: [],
    calls,
    error: {
      code: isForeseen ? code : "unknown_error",
      message: showsStack && !isForeseen ? (stack ?? message) : message,
    },
  };
}

type ErrorWithCode = Error & { readonly code?: unknown };

function unknownError(thrown: unknown): ErrorWithCode {
  return new Error(String(thrown));
}
