import { interrupt, isGraphInterrupt, isInvalidResume } from "@langchain/langgraph";
import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { prettyIssues } from "../errors/describe-issue.ts";
import type { Review } from "../agents/index.ts";
import { numberedClaimSchema, type Findings } from "../agents/roles/findings.ts";

/** What a run shows when it waits for a person: the value of its LangGraph interrupt. */
export interface ApprovalRequest {
  readonly type: "approval";
  /** The review that is executed after an approval. */
  readonly review: Review;
}

/** The parts of a review that a person may change. */
export type ReviewEdit = {
  readonly [Part in keyof Findings]?: Findings[Part] | undefined;
};

/**
 * A person's decision on a review. A run continues with it by
 * `new Command({ resume: decision })`.
 */
export type ApprovalDecision =
  | {
      readonly decision: "approve";
      /** Who decides. */
      readonly by?: string | undefined;
      readonly note?: string | undefined;
    }
  | {
      /** Ends the run without a deliverable. */
      readonly decision: "reject";
      readonly by?: string | undefined;
      /** Why; the run's answer. */
      readonly reason?: string | undefined;
    }
  | {
      /** Continues with these parts in place of the review's own. */
      readonly decision: "edit";
      /**
       * Claims keep their numbers for citations, also if one is removed.
       * Quotations are not checked again.
       */
      readonly review: ReviewEdit;
      readonly by?: string | undefined;
      readonly note?: string | undefined;
    };

const by = z.string().optional();
const note = z.string().optional();

const editSchema = z
  .strictObject({
    task: z.string().min(1, "the task is empty").optional(),
    claims: z
      .array(numberedClaimSchema())
      .min(1, "no claim is left to execute; reject instead")
      .refine((claims) => new Set(claims.map(({ number }) => number)).size === claims.length, {
        message: "two claims have the same number",
      })
      .optional(),
    openQuestions: z.array(z.string()).optional(),
  })
  .refine((edit) => Object.values(edit).some((part) => part !== undefined), {
    message: "an edit changes the task, the claims or the open questions",
  });

const decisionSchema: z.ZodType<ApprovalDecision> = z.discriminatedUnion("decision", [
  z.strictObject({ decision: z.literal("approve"), by, note }),
  z.strictObject({ decision: z.literal("reject"), by, reason: z.string().optional() }),
  z.strictObject({ decision: z.literal("edit"), review: editSchema, by, note }),
]);

/**
 * Checks a person's decision. Call it before a run continues: a run that gets a bad decision
 * fails, and accepts another one.
 *
 * @throws {ArgumentError} that names everything wrong with it
 */
export function parseApprovalDecision(value: unknown): ApprovalDecision {
  const parsed = decisionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw notADecision(parsed.error);
}

/**
 * Stops the run until a person has decided, and returns their decision when it continues.
 *
 * @param onWait - Called when the run stops.
 * @throws {ArgumentError} for a bad decision; the run can be given another
 * @throws {ArgumentError} where no checkpointer keeps the run while it waits
 */
export function askPerson(request: ApprovalRequest, onWait: () => void): ApprovalDecision {
  try {
    return interrupt<ApprovalRequest, ApprovalDecision>(request, {
      responseSchema: decisionSchema,
    });
  } catch (error) {
    if (isGraphInterrupt(error)) onWait();
    if (isMissingCheckpointer(error)) throw cannotWait({ cause: error });
    // LangGraph knows by the cause that the question may be answered again.
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

/** The review with its edited parts. */
export function withEdit(review: Review, edit: ReviewEdit): Review {
  const { task = review.task, claims = review.claims, openQuestions = review.openQuestions } = edit;
  return { ...review, task, claims, openQuestions };
}

function notADecision(error: z.ZodError, options?: ErrorOptions): ArgumentError {
  return new ArgumentError(`The approval cannot use its input: ${prettyIssues(error)}`, options);
}

function isMissingCheckpointer(error: unknown): boolean {
  return error instanceof Error && "lc_error_code" in error
    ? error.lc_error_code === "MISSING_CHECKPOINTER"
    : false;
}
