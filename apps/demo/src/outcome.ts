import type { CallRecord, Citation } from "@orchestra/core";
import type { PipelineState } from "@orchestra/core/pipelines";
import type { DurableFacts } from "./durable/facts.ts";

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
  /** What became of a run that a database keeps. */
  readonly durable?: DurableFacts | undefined;
}

/** The result of the pipeline. The caller adds the calls. */
export function outcomeOf(
  { status = "rejected", answer, citations, reasons }: PipelineState,
  { runId, question }: Pick<Outcome, "runId" | "question">,
): Outcome {
  return { status, runId, question, answer, citations, reasons, calls: [] };
}

interface Failure extends Pick<Outcome, "runId" | "calls" | "durable"> {
  /** For an unexpected error. Errors of Orchestra say what to do and need no stack. */
  readonly showsStack: boolean;
}

export function failedOutcome(error: unknown, failure: Failure): Outcome {
  const { runId, calls, durable, showsStack } = failure;
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
    durable,
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
