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

const isBetween = (min: number, max: number) => (value: unknown) =>
  typeof value === "number" && value >= min && value <= max;

/** The fields of most requests, and whether a value is ordinary. */
const ordinary: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (value) => typeof value === "string" && /^\S+$/.test(value),
  messages: (value) => Array.isArray(value) && value.length > 0 && [...value].every(isText),
  stream: (value) => typeof value === "boolean",
  temperature: isBetween(0, 2),
  top_p: isBetween(0, 1),
};

function isText(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { role, content } = message as { readonly role?: unknown; readonly content?: unknown };
  if (typeof content !== "string") return false;
  return role === "user" || role === "assistant" || role === "system";
}

/** Whether a request has only ordinary texts and flags: it is valid, without the schema, which takes longer than the rest. */
export function isOrdinary(request: unknown): boolean {
  if (typeof request !== "object" || request === null || !("messages" in request)) return false;
  for (const [name, value] of Object.entries(request)) {
    const isFine = Object.hasOwn(ordinary, name) ? ordinary[name] : undefined;
    if (!isFine?.(value)) return false;
  }
  return true;
}

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
