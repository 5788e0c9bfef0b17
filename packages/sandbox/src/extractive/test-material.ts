import { parseChatRequest } from "../wire/parse-chat-request.ts";
import { answerByExtraction } from "./answer.ts";
import { ALL_PARAMETERS } from "../catalog/real-models.ts";
import type { JsonObject } from "../wire/chat-request.ts";

/** A document about a lamp that does not exist, so that the answers cannot be known in advance. */
export const LAMP_MANUAL = `# Lantern

[![build](https://example.com/badge.svg)](https://example.com)

Lantern is a garden lamp that charges by day. It weighs 1.2 kg, and
its battery lasts for nine hours at full brightness.

## Charging

The panel must face south. Without sun the lamp charges over USB in
four hours. Never charge it below freezing, because the cells swell.

| setting | default | unit |
| --- | --- | --- |
| \`GLOW_LEVEL\` | 40 | percent |

## Cleaning

- Wipe the panel with a damp cloth once a month.
- Do not use solvents, e.g. acetone, on the housing.
`;

/** Passages as a search tool returns them. */
export const LAMP_PASSAGES = [
  { path: "docs/lamp.md", line: 1, text: LAMP_MANUAL },
  {
    path: "docs/warranty.md",
    line: 10,
    text: "The warranty covers two years.\nBroken glass is excluded.",
  },
];

/** Answers a request body as the model with all features. */
export function ask(body: JsonObject) {
  let calls = 0;
  const newCallId = () => `call_${(calls += 1)}`;
  const request = parseChatRequest({ model: "sandbox/extractive", ...body });
  return answerByExtraction(request, ALL_PARAMETERS, newCallId);
}

/** A `response_format` with a schema. */
export function format(schema: object) {
  return { type: "json_schema", json_schema: { name: "answer", strict: true, schema } };
}

/** A tool that searches, as an agent offers it. */
export const SEARCH_TOOL = {
  type: "function",
  function: {
    name: "search_documents",
    description: "Searches the documents and returns passages with their place.",
    parameters: {
      type: "object",
      properties: {
        query: { type: "string" },
        limit: { type: "integer", minimum: 1, maximum: 10 },
        note: { type: "string" },
      },
      required: ["query", "limit"],
    },
  },
};

/** The conversation after a search and its result. */
export function searched(question: string, result: unknown, query = "x") {
  const args = JSON.stringify({ query, limit: 1 });
  return [
    { role: "user", content: question },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "c1", type: "function", function: { name: "search_documents", arguments: args } },
      ],
    },
    { role: "tool", tool_call_id: "c1", content: JSON.stringify(result) },
  ];
}
