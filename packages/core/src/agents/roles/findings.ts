import { z } from "zod";

/*
 * The schemas are made when a role is: a process that has none of these roles starts without them.
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

/** One thing that is wrong with the findings. */
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

/** A claim with the number by which issues and citations refer to it. */
export interface Claim {
  /** From 1. */
  readonly number: number;
  readonly statement: string;
  readonly evidence: Evidence;
}

/** What a Researcher found. */
export interface Findings {
  readonly task: string;
  readonly claims: readonly Claim[];
  /** What the sources left open. */
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

/** A schema of findings, for the input or the output of a role or of a graph; another with each call. */
export function findingsSchema(): z.ZodType<Findings, Findings> {
  return findingsObject();
}
