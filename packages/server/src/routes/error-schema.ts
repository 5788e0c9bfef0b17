import { z } from "@hono/zod-openapi";
import { json } from "./json-content.ts";

/** Every error, as `errors/api-error.ts` writes it. */
const errorSchema = z
  .object({
    error: z.object({
      message: z.string().describe("The problem, and how to fix it."),
      type: z.string().describe("OpenAI's type, or the kind of a failed call."),
      param: z.string().nullable().describe("The field of the request that is wrong."),
      code: z.string(),
      metadata: z
        .record(z.string(), z.unknown())
        .optional()
        .describe("Of a failed call: model, provider, status upstream and attempts."),
    }),
  })
  .meta({ id: "Error" });

/** The errors that any route may return. */
export const errorResponse = {
  description: "An error, in OpenAI's form.",
  content: json(errorSchema),
};
