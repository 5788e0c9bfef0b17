import { z } from "@hono/zod-openapi";
import { json } from "../routes/json-content.ts";
import { rawRoute } from "../routes/route.ts";
import { answerCall } from "../calls/answer-call.ts";
import { callHeaders } from "../calls/call-headers.ts";
import { roleFields } from "../calls/role-fields.ts";
import { chatApi } from "./chat-api.ts";

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
});

const requestSchema = z
  .looseObject({
    messages: z.array(message),
    ...roleFields,
    stream: z.boolean().optional(),
  })
  .meta({
    id: "ChatCompletionRequest",
    description: "Every other field of OpenAI and OpenRouter is passed on.",
  });

const completionSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.number(),
        message: z.looseObject({ role: z.string(), content: z.string().nullish() }),
        finish_reason: z.string().nullable(),
      }),
    ),
    usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).optional(),
  })
  .meta({ id: "ChatCompletion" });

export const chatRoutes = [
  rawRoute(
    {
      method: "post",
      path: "/v1/chat/completions",
      access: "chat",
      tag: "Chat",
      summary: "Ask a role or a model",
      request: {
        headers: callHeaders,
        body: { content: json(requestSchema), required: true },
      },
      responses: {
        200: {
          description: "The completion; with stream, its chunks as server-sent events.",
          content: {
            ...json(completionSchema),
            "text/event-stream": { schema: { type: "string" } },
          },
        },
      },
    },
    answerCall(chatApi),
  ),
];
