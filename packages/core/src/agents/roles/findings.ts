import { z } from "zod";

/*
 * The schemas are created when a role is, so that a process without these roles starts without them.
 */

/** Position of a quotation. */
const evidenceSchema = () =>
  z.object({
    path: z.string().describe("Path of the document, exactly as the search tool gave it"),
    line: z.int().min(1).describe("Line at which the quotation begins"),
    quote: z
      .string()
      .min(1)
      .describe("The sentence that supports the statement, copied word for word from the document"),
  });

export const claimSchema = () =>
  z.object({
    statement: z.string().min(1).describe("What is claimed, in one sentence"),
    evidence: evidenceSchema(),
  });

/** One problem of the findings. */
export const issueSchema = () =>
  z.object({
    claim: z
      .int()
      .nullable()
      .describe("Number of the claim that is wrong; null if it concerns the findings as a whole"),
    problem: z.string().min(1).describe("What is wrong, and what would be right"),
  });

/** A quotation, and its position. */
export interface Evidence extends z.infer<ReturnType<typeof evidenceSchema>> {
  /** Page, in documents that have pages; the line then counts from its top. */
  readonly page?: number | undefined;
}

export type Issue = z.infer<ReturnType<typeof issueSchema>>;

/** A claim with its number, which issues and citations refer to. */
export interface Claim {
  /** From 1. */
  readonly number: number;
  readonly statement: string;
  readonly evidence: Evidence;
}

/** The output of a Researcher. */
export interface Findings {
  readonly task: string;
  readonly claims: readonly Claim[];
  /** Questions that the sources do not answer. */
  readonly openQuestions: readonly string[];
}

export const numberedClaimSchema = () =>
  z.object({
    number: z.int(),
    statement: z.string(),
    evidence: evidenceSchema().extend({ page: z.int().optional() }),
  });

export const findingsObject = () =>
  z.object({
    task: z.string(),
    claims: z.array(numberedClaimSchema()),
    openQuestions: z.array(z.string()),
  });

/** A schema of findings, for the input or the output of a role or of a graph; each call returns a new one. */
export function findingsSchema(): z.ZodType<Findings, Findings> {
  return findingsObject();
}
