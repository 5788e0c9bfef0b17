import { z } from "zod";
import type { Citation, Findings, Review } from "../agents/index.ts";
import type { ApprovalDecision } from "./approval-decision.ts";

/** The state of the graph, after each step and at its end. */
export interface PipelineState {
  /** The task. */
  task: string;
  /** Id of the run, in the ledger and the log. */
  runId: string;
  /** How often the findings were sent back. */
  revisions: number;
  /** The latest findings. */
  findings?: Findings | undefined;
  /** The task of the findings: another one than `task` if a run was forked with other input. */
  taskOfFindings?: string | undefined;
  /** The latest review. */
  review?: Review | undefined;
  /** The decision of a person, if the run needed one. */
  approval?: ApprovalDecision | undefined;
  /** `undefined` until the run ends. */
  status?: "succeeded" | "rejected" | undefined;
  /** The deliverable, or the reason why there is none. */
  answer: string;
  /** The sources that the answer refers to as `[number]`. */
  citations: readonly Citation[];
  /** The reasons of the validator or a person for rejecting the findings. */
  reasons: string[];
}

export const stateSchema = z.object({
  task: z.string(),
  runId: z.string(),
  revisions: z.number().default(0),
  findings: z.custom<Findings>().optional(),
  taskOfFindings: z.string().optional(),
  review: z.custom<Review>().optional(),
  approval: z.custom<ApprovalDecision>().optional(),
  status: z.enum(["succeeded", "rejected"]).optional(),
  answer: z.string().default(""),
  citations: z.custom<readonly Citation[]>().default([]),
  reasons: z.array(z.string()).default([]),
}) satisfies z.ZodType<PipelineState>;
