import type { Refusal } from "../faults/refusal.ts";
import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";
import type { Dialect, DialectRequest } from "./dialect.ts";
import { rewriteMessage } from "./rewrite.ts";

const refused = (message: string, status = 400): Refusal => ({ status, message });

function formatOf({ requestBody }: DialectRequest): JsonObject {
  return isJsonObject(requestBody.response_format) ? requestBody.response_format : {};
}

/** Keywords that strict mode does not support. */
const notStrict =
  /"(oneOf|allOf|not|default|prefixItems|patternProperties|propertyNames|minLength|maxLength|const|\$schema)":/;

/** Servers that refuse a part of OpenAI's API, each with its own message. */
const refusing: readonly [name: string, description: string, NonNullable<Dialect["refuse"]>][] = [
  [
    "strict-refused",
    "Refuses strict schemas with keywords that strict mode does not support.",
    ({ requestBody }) => {
      const isStrict = JSON.stringify(requestBody).includes('"strict":true');
      return isStrict && notStrict.test(JSON.stringify(requestBody.response_format))
        ? refused("Invalid schema for response_format 'answer': a keyword is not permitted")
        : undefined;
    },
  ],
  [
    "response-format-refused",
    "Supports no response format.",
    (context) =>
      formatOf(context).type === undefined
        ? undefined
        : refused("This response_format type is unavailable now"),
  ],
  [
    "tool-choice-refused",
    "Accepts no tool choice.",
    ({ requestBody }) =>
      requestBody.tool_choice === undefined || requestBody.tool_choice === "auto"
        ? undefined
        : refused("No endpoints found that support the provided 'tool_choice' value.", 404),
  ],
  [
    "fields-refused",
    "Refuses fields that it does not know, as Pydantic does.",
    ({ requestBody }) => {
      const unknown = ["session_id", "stream_options", "parallel_tool_calls", "provider"].find(
        (field) => requestBody[field] !== undefined,
      );
      if (unknown === undefined) return undefined;
      const detail = [
        { type: "extra_forbidden", loc: ["body", unknown], msg: "Extra inputs are not permitted" },
      ];
      return { status: 422, message: "", body: { detail } };
    },
  ],
  [
    "new-token-limit",
    "Accepts max_completion_tokens instead of max_tokens.",
    ({ requestBody }) =>
      requestBody.max_tokens === undefined
        ? undefined
        : refused(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          ),
  ],
];

/** Forms of JSON, and refusals of JSON. */
export const formDialects: readonly Dialect[] = [
  ...refusing.map(([name, description, refuse]): Dialect => ({ name, description, refuse })),
  {
    name: "reasoning-signed",
    description: "Answers with signed reasoning, without which tool calls are refused.",
    ...rewriteMessage((message) =>
      message.tool_calls
        ? { ...message, reasoning_details: message.tool_calls.flatMap(signature) }
        : message,
    ),
    refuse: ({ requestBody }) => {
      const messages = Array.isArray(requestBody.messages) ? requestBody.messages : [];
      const unsigned = messages.some(
        (message: unknown) =>
          isJsonObject(message) &&
          Array.isArray(message.tool_calls) &&
          !Array.isArray(message.reasoning_details),
      );
      return unsigned ? refused("Function call is missing a thought_signature") : undefined;
    },
  },
];

function signature({ id }: JsonObject): JsonObject[] {
  if (id === undefined) return [];
  return [{ type: "reasoning.encrypted", id, data: "c2lnbmVk", format: "google-gemini-v1" }];
}
