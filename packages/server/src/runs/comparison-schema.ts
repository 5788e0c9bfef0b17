import { z } from "@hono/zod-openapi";
import { runSchema } from "./run-schema.ts";

const totalsSchema = z.object({
  calls: z.number(),
  toolCalls: z.number(),
  paidCalls: z
    .number()
    .describe("Calls that the run made itself, without those that a fork has taken over."),
  promptTokens: z.number(),
  completionTokens: z.number(),
  costUsd: z.number(),
  paidUsd: z.number(),
  durationMs: z.number(),
});

const figuresSchema = totalsSchema.extend({
  models: z.array(z.string()).readonly(),
  answers: z.array(z.object({ call: z.string(), text: z.string() })).readonly(),
});

/** Two runs, step by step. */
export const comparisonSchema = z
  .object({
    a: runSchema,
    b: runSchema,
    steps: z
      .array(
        z.object({
          step: z.string(),
          visit: z.number(),
          a: figuresSchema.optional(),
          b: figuresSchema.optional(),
          isSame: z.boolean().describe("Whether the answers of both are the same."),
        }),
      )
      .readonly(),
    totals: z.object({ a: totalsSchema, b: totalsSchema }),
  })
  .meta({ id: "RunComparison" });
