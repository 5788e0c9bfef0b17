import { z } from "zod";

/** Where a quotation stands. */
export const evidenceSchema = z.object({
  path: z.string().describe("Path of the document, exactly as the search tool gave it"),
  line: z.int().min(1).describe("Line at which the quotation begins"),
  quote: z
    .string()
    .min(1)
    .describe("The sentence that supports the statement, copied word for word from the document"),
});

export const claimSchema = z.object({
  statement: z.string().min(1).describe("What is claimed, in one sentence"),
  evidence: evidenceSchema,
});

/** One thing that is wrong with the findings. */
export const issueSchema = z.object({
  claim: z
    .int()
    .nullable()
    .describe("Number of the claim that is wrong; null if it concerns the findings as a whole"),
  problem: z.string().min(1).describe("What is wrong, and what would be right"),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type Issue = z.infer<typeof issueSchema>;

/** A claim with the number by which issues and citations refer to it. */
export interface Claim extends z.infer<typeof claimSchema> {
  /** From 1. */
  readonly number: number;
}

/** What a Researcher found. */
export interface Findings {
  readonly task: string;
  readonly claims: readonly Claim[];
  /** What the sources left open. */
  readonly openQuestions: readonly string[];
}

export const findingsSchema = z.object({
  task: z.string(),
  claims: z.array(claimSchema.extend({ number: z.int() })),
  openQuestions: z.array(z.string()),
});
