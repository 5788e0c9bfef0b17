import { AIMessage, HumanMessage, type BaseMessage } from "@langchain/core/messages";
import type { Candidate } from "./candidate.ts";

/** Content blocks in which providers keep what a model thought, signed for that model alone. */
const reasoningBlocks = new Set(["reasoning", "thinking", "redacted_thinking"]);
const reasoningFields = ["reasoning", "reasoning_content", "reasoning_details"];

/**
 * Makes a conversation fit for a fallback: other models refuse the first one's reasoning blocks,
 * and many refuse a last message of their own to go on from.
 */
export function adaptHistory(
  messages: readonly BaseMessage[],
  candidate: Candidate,
): BaseMessage[] {
  const adapted = messages.map((message) =>
    AIMessage.isInstance(message) && !isOwn(message, candidate)
      ? withoutReasoning(message)
      : message,
  );
  const last = messages.at(-1);
  const isPrefill = AIMessage.isInstance(last) && (last.tool_calls ?? []).length === 0;
  if (isPrefill) adapted.push(new HumanMessage("Go on exactly where your last message stops."));
  return adapted;
}

function isOwn(message: AIMessage, { model }: Candidate): boolean {
  const { model_name: name } = message.response_metadata as { model_name?: string };
  return name === model;
}

function withoutReasoning(message: AIMessage): AIMessage {
  const { content, additional_kwargs: extras } = message;
  const hasBlocks = Array.isArray(content) && content.some(({ type }) => reasoningBlocks.has(type));
  const hasFields = reasoningFields.some((field) => field in extras);
  if (!hasBlocks && !hasFields) return message;
  const kept = Object.entries(extras).filter(([field]) => !reasoningFields.includes(field));
  return new AIMessage({
    content: Array.isArray(content)
      ? content.filter(({ type }) => !reasoningBlocks.has(type))
      : content,
    additional_kwargs: Object.fromEntries(kept),
    tool_calls: message.tool_calls ?? [],
    response_metadata: message.response_metadata,
    ...(message.id === undefined ? {} : { id: message.id }),
  });
}
