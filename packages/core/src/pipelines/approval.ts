import { interrupt, isGraphInterrupt, isInvalidResume } from "@langchain/langgraph";
import type { z } from "zod";
import type { Review } from "../agents/index.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { decisionSchema, notADecision, type ApprovalDecision } from "./approval-decision.ts";

/** The value of the LangGraph interrupt of a run that waits for a person. */
export interface ApprovalRequest {
  readonly type: "approval";
  /** The review that is executed after an approval. */
  readonly review: Review;
}

/**
 * Stops the run until a person has decided, and returns their decision when it continues.
 *
 * @param onWait - Called when the run stops.
 * @throws {ArgumentError} for a bad decision; the run accepts another one
 * @throws {ArgumentError} if no checkpointer stores the run while it waits
 */
export function askPerson(request: ApprovalRequest, onWait: () => void): ApprovalDecision {
  try {
    return interrupt<ApprovalRequest, ApprovalDecision>(request, {
      responseSchema: decisionSchema(),
    });
  } catch (error) {
    if (isGraphInterrupt(error)) onWait();
    if (isMissingCheckpointer(error)) throw cannotWait({ cause: error });
    // From the cause, LangGraph sees that the question may be answered again.
    if (isInvalidResume(error)) throw notADecision(error as z.ZodError, { cause: error });
    throw error;
  }
}

export function cannotWait(options?: ErrorOptions): ArgumentError {
  return new ArgumentError(
    "An approval needs a checkpointer, which stores the run while it waits: give researchValidateExecute() a checkpointer, or do not set approval",
    options,
  );
}

function isMissingCheckpointer(error: unknown): boolean {
  return error instanceof Error && "lc_error_code" in error
    ? error.lc_error_code === "MISSING_CHECKPOINTER"
    : false;
}
