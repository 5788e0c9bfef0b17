import type { WireMessage } from "../completions/index.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Content blocks in which providers keep what a model thought, signed for that model alone. */
const reasoningBlocks = new Set(["reasoning", "thinking", "redacted_thinking"]);
const reasoningFields = new Set(["reasoning", "reasoning_content", "reasoning_details"]);

/**
 * Makes a conversation fit for a fallback: other models refuse the first one's reasoning, and many
 * refuse a last message of their own to continue from.
 */
export function adaptHistory(messages: readonly WireMessage[]): readonly WireMessage[] {
  const adapted = messages.map((message) =>
    message.role === "assistant" ? withoutReasoning(message) : message,
  );
  const last = messages.at(-1);
  const isPrefill = last?.role === "assistant" && !last.tool_calls?.length;
  if (!isPrefill) return adapted;
  return [...adapted, { role: "user", content: "Continue exactly where your last message stops." }];
}

function withoutReasoning(message: WireMessage): WireMessage {
  const { content } = message;
  const hasBlocks = Array.isArray(content) && content.some(isReasoning);
  const hasFields = Object.keys(message).some((field) => reasoningFields.has(field));
  if (!hasBlocks && !hasFields) return message;
  const kept = Object.entries(message as unknown as Fields).filter(
    ([field]) => !reasoningFields.has(field),
  );
  return {
    ...Object.fromEntries(kept),
    ...(hasBlocks ? { content: content.filter((block) => !isReasoning(block)) } : {}),
  } as WireMessage;
}

function isReasoning(block: unknown): boolean {
  return reasoningBlocks.has((block as { readonly type: string }).type);
}
