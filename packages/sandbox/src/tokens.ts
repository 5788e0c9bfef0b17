import type { ChatRequest } from "./wire/chat-request.ts";

/** Estimated tokens of a text, four characters each: the same on every machine. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of every message in addition to its text: its role and its separators. */
const TOKENS_PER_MESSAGE = 4;

/** Tokens of a whole request: messages, tools and schema. */
export function countPromptTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) {
    tokens += TOKENS_PER_MESSAGE + countTokens(message.text);
    for (const call of message.toolCalls) tokens += countTokens(call.name + call.arguments);
  }
  if (request.tools.length > 0) tokens += countTokens(JSON.stringify(request.tools));
  if (request.responseFormat.type === "schema") {
    tokens += countTokens(JSON.stringify(request.responseFormat.schema));
  }
  return tokens;
}
