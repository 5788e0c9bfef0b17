import { BaseMessage, type AIMessageChunk } from "@langchain/core/messages";

/** A value as plain data: messages by their parts, without functions and `undefined`. */
export function plain(value: unknown): unknown {
  if (BaseMessage.isInstance(value)) return plain(partsOf(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([, item]) => item !== undefined && typeof item !== "function",
  );
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]));
}

/** The parts of a message that callers read, for any class; its id depends on its creator. */
function partsOf(message: BaseMessage) {
  const { content, name, additional_kwargs, response_metadata } = message;
  const { tool_calls, invalid_tool_calls, usage_metadata } = message as AIMessageChunk;
  return {
    type: message.type,
    content,
    name,
    additional_kwargs,
    response_metadata,
    tool_calls,
    invalid_tool_calls,
    usage_metadata,
  };
}
