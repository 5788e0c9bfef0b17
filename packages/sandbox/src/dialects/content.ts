import type { JsonObject } from "../wire/chat-request.ts";
import type { Chunk, Dialect } from "./dialect.ts";
import { beforeText, rewriteMessage, withDelta, type Rewriting, without } from "./rewrite.ts";

const thought = "The material has to say how long it takes.";

/** Adds reasoning before the answer, in fields of the message and of a delta. */
export function withReasoning(fields: (text: string) => JsonObject): Rewriting {
  return {
    chunks: (chunks) => beforeText(chunks, thoughts(chunks, fields)),
    body: (body) => ({
      ...body,
      choices: body.choices.map((choice) => ({
        ...choice,
        message: { ...choice.message, ...fields(thought) },
      })),
    }),
  };
}

function thoughts([first]: readonly Chunk[], fields: (text: string) => JsonObject): Chunk[] {
  const pieces = thought.match(/.{1,16}/g) ?? [];
  return first === undefined ? [] : pieces.map((piece) => withDelta(first, fields(piece)));
}

/** Forms of text and reasoning. */
export const contentDialects: readonly Dialect[] = [
  {
    name: "content-parts",
    description: 'Text as a list of parts, [{ type: "text", text }].',
    ...rewriteMessage(({ content, ...message }) => ({
      ...message,
      content: content ? [{ type: "text", text: content }] : content,
    })),
  },
  {
    name: "thinking-parts",
    description: "Reasoning and text as parts of the content.",
    chunks: (chunks) => beforeText(chunks, thoughts(chunks, asThinkingPart)),
    body: rewriteMessage(({ content, ...message }) => ({
      ...message,
      content: content ? [thinkingPart(thought), { type: "text", text: content }] : content,
    })).body,
  },
  {
    name: "reasoning",
    description: "Reasoning in `reasoning` and `reasoning_details`.",
    ...withReasoning((text) => ({
      reasoning: text,
      reasoning_details: [{ type: "reasoning.text", text, format: "unknown", index: 0 }],
    })),
  },
  {
    name: "reasoning-details",
    description: "Reasoning only in `reasoning_details`, encrypted.",
    ...withReasoning((text) => ({
      reasoning_details: [{ type: "reasoning.encrypted", data: btoa(text), index: 0 }],
    })),
  },
  {
    name: "reasoning-content",
    description: "Reasoning in `reasoning_content`.",
    ...withReasoning((text) => ({ reasoning_content: text })),
  },
  {
    name: "thinking",
    description: "Reasoning in `thinking`.",
    ...withReasoning((text) => ({ thinking: text })),
  },
  {
    name: "nulls",
    description: "null in every field without a value.",
    ...rewriteMessage((message) => ({
      refusal: null,
      function_call: null,
      reasoning: null,
      audio: null,
      tool_calls: null,
      ...message,
      content: message.content || null,
    })),
  },
  {
    name: "no-nulls",
    description: "No fields without a value, and no choice index.",
    chunks: (chunks) => chunks.map((chunk) => ({ ...chunk, choices: chunk.choices.map(sparse) })),
    body: (body) => ({ ...body, choices: body.choices.map(sparse) }),
  },
  {
    name: "messages-streamed",
    description: "A stream of one chunk, with `message` instead of `delta`.",
    format: "openai",
    chunks: (_chunks, { answer }) => [answer],
  },
];

function asThinkingPart(text: string): JsonObject {
  return { content: [thinkingPart(text)] };
}

function thinkingPart(text: string): JsonObject {
  return { type: "thinking", thinking: [{ type: "text", text }] };
}

function sparse(choice: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(without(choice, "index"), (_key, value: unknown) => value ?? undefined),
  ) as JsonObject;
}
