import { z } from "zod";
import { expected } from "../../errors/explain-issue.ts";
import { documentedFields } from "./openrouter-request.ts";

const typed = z.lazy(() => z.looseObject({ type: z.string() }));

const message = z.lazy(() =>
  z.looseObject(
    {
      role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
      content: z
        .union([z.string(), z.array(typed)], {
          error: expected("a text or an array of parts such as { type, text }"),
        })
        .nullish(),
    },
    { error: expected("a message such as { role, content }") },
  ),
);

const noModel = "is not a model id: expected a text without spaces";
const messages = "a list of messages such as { role, content }";

/** A request as callers pass it. Undocumented fields are sent unchanged. */
export const completionRequestSchema: z.ZodType = z.lazy(() =>
  z.looseObject({
    ...documentedFields(),
    model: z.string(noModel).regex(/^\S+$/, noModel).optional(),
    messages: z
      .array(message, { error: expected(messages) })
      .min(1, `is empty: expected ${messages}`),
    stream: z.boolean().nullish(),
    tools: z
      .array(typed, { error: expected("an array of tools such as { type, function }") })
      .nullish(),
    response_format: typed.nullish(),
  }),
);
