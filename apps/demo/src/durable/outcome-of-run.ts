import type { PipelineState } from "@orchestra/core/pipelines";
import { failedOutcome, outcomeOf, type Outcome } from "../outcome.ts";
import type { ProcessOutcome } from "./supervisor.ts";
import { WorkerFailure, type PlainError } from "./worker-failure.ts";

/** The outcome of a durable run, in the form that the demo uses for every run. */
export function outcomeOfRun(
  outcome: ProcessOutcome,
  of: Pick<Outcome, "runId" | "question">,
): Outcome {
  if (outcome.kind === "ended") {
    const { status, output } = outcome.run;
    if (status === "succeeded" || status === "rejected") {
      return outcomeOf(output as PipelineState, of);
    }
  }
  const error = new WorkerFailure(reasonOf(outcome));
  return failedOutcome(error, { runId: of.runId, calls: [], showsStack: false });
}

function reasonOf(outcome: ProcessOutcome): PlainError {
  switch (outcome.kind) {
    case "ended":
      return outcome.run.error ?? { code: "aborted", message: "The run was cancelled" };
    case "parked":
      return {
        code: "quota_error",
        message: `The day's calls are used up; there are new ones from ${outcome.until} on`,
      };
    case "killed":
      return { code: "aborted", message: "The run's process was killed" };
  }
}
