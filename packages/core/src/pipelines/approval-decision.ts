// Does not import LangGraph: a server checks decisions, and loads LangGraph only to execute a run.
import { z } from "zod";
import type { Review } from "../agents/index.ts";
import { numberedClaimSchema, type Findings } from "../agents/roles/findings.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { prettyIssues } from "../errors/describe-issue.ts";

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
      /** The person who decides. */
      readonly by?: string | undefined;
      readonly note?: string | undefined;
    }
  | {
      /** Ends the run without a deliverable. */
      readonly decision: "reject";
      readonly by?: string | undefined;
      /** The reason, which becomes the run's answer. */
      readonly reason?: string | undefined;
    }
  | {
      /** Continues with these parts instead of the review's own. */
      readonly decision: "edit";
      /**
       * Claims keep their numbers for citations, even if one is removed.
       * Quotations are not checked again.
       */
      readonly review: ReviewEdit;
      readonly by?: string | undefined;
      readonly note?: string | undefined;
    };

/** Created when it is needed, as the schemas of the roles are. */
export function decisionSchema(): z.ZodType<ApprovalDecision> {
  const by = z.string().optional();
  const note = z.string().optional();
  return z.discriminatedUnion("decision", [
    z.strictObject({ decision: z.literal("approve"), by, note }),
    z.strictObject({ decision: z.literal("reject"), by, reason: z.string().optional() }),
    z.strictObject({ decision: z.literal("edit"), review: editSchema(), by, note }),
  ]);
}

function editSchema() {
  return z
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
}

/**
 * Checks a person's decision. Call it before a run continues: a run that gets a bad decision
 * fails, and accepts another one.
 *
 * @throws {ArgumentError} with all problems
 */
export function parseApprovalDecision(value: unknown): ApprovalDecision {
  const parsed = decisionSchema().safeParse(value);
  if (parsed.success) return parsed.data;
  throw notADecision(parsed.error);
}

/** The review with its edited parts. */
export function withEdit(review: Review, edit: ReviewEdit): Review {
  const { task = review.task, claims = review.claims, openQuestions = review.openQuestions } = edit;
  return { ...review, task, claims, openQuestions };
}

export function notADecision(error: z.ZodError, options?: ErrorOptions): ArgumentError {
  return new ArgumentError(
    `The decision on the approval is not valid: ${prettyIssues(error)}\nExpected { decision: "approve", by, note }, { decision: "reject", by, reason } or { decision: "edit", review, by, note }; by, note and reason are optional.`,
    options,
  );
}
