import type { CallRecord, Citation } from "@orchestra/core";
import type { PipelineState } from "@orchestra/core/pipelines";
import type { DurableFacts } from "./durable/facts.ts";

/** How a run ended. */
export interface Outcome {
  readonly status: "succeeded" | "rejected" | "failed";
  readonly runId: string;
  readonly question: string;
  /** The deliverable; of a rejected run, the first reason. */
  readonly answer: string;
  readonly citations: readonly Citation[];
  /** Why the Validator rejected the findings. */
  readonly reasons: readonly string[];
  /** All model calls, up to a failure. */
  readonly calls: readonly CallRecord[];
  readonly error?: { readonly code: string; readonly message: string };
  /** Facts of a run that is stored in a database. */
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
  /** Stack trace of an unexpected error. Errors of Orchestra have none: their messages are enough. */
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
