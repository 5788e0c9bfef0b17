import { answerCall } from "../calls/answer-call.ts";
import { callHeaders } from "../calls/call-headers.ts";
import { json } from "../routes/json-content.ts";
import { rawRoute } from "../routes/route.ts";
import { requestSchema, responseSchema } from "./request-schema.ts";
import { responsesApi } from "./responses-api.ts";

export const responsesRoutes = [
  rawRoute(
    {
      method: "post",
      path: "/v1/responses",
      access: "chat",
      tag: "Responses",
      summary: "Ask a role or a model for a response",
      request: {
        headers: callHeaders,
        body: { content: json(requestSchema), required: true },
      },
      responses: {
        200: {
          description: "The response; with stream, its events as server-sent events.",
          content: {
            ...json(responseSchema),
            "text/event-stream": { schema: { type: "string" } },
          },
        },
      },
    },
    answerCall(responsesApi),
  ),
];
