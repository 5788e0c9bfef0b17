import { stateFields, type WireMessage } from "../completions/index.ts";
import type { Fields } from "../input/is-object.ts";

/** Content blocks in which providers keep a model's reasoning, signed for that model only. */
const reasoningBlocks = new Set(["reasoning", "thinking", "redacted_thinking"]);
const reasoningFields: ReadonlySet<string> = new Set(stateFields);

export interface HistoryContext {
  /** The requested model. @defaultValue a model that none of the messages is from */
  readonly model?: string | undefined;
  /** Whether it replaces another model. @defaultValue `true` */
  readonly isFallback?: boolean | undefined;
}

/**
 * Adapts a conversation to the requested model: models refuse the reasoning and the signatures
 * of another one, and many refuse a last message of their own to continue from.
 */
export function adaptHistory(
  messages: readonly WireMessage[],
  { model, isFallback = true }: HistoryContext = {},
): readonly WireMessage[] {
  const adapted = messages.map((message) => {
    if (message.role !== "assistant") return message;
    const { asked_model: author, ...rest } = message as unknown as Fields;
    const isOwn = author === undefined ? !isFallback : author === model;
    const known = (author === undefined ? message : rest) as unknown as WireMessage;
    return isOwn ? known : withoutState(known);
  });
  const last = messages.at(-1);
  const isPrefill = isFallback && last?.role === "assistant" && !last.tool_calls?.length;
  if (!isPrefill) return adapted;
  return [...adapted, { role: "user", content: "Continue exactly where your last message stops." }];
}

function withoutState(message: WireMessage): WireMessage {
  const { content, tool_calls: calls } = message as Extract<WireMessage, { role: "assistant" }>;
  const hasBlocks = Array.isArray(content) && content.some(isReasoning);
  const hasFields = Object.keys(message).some((field) => reasoningFields.has(field));
  const hasExtras = calls?.some((call) => "extra_content" in call) ?? false;
  if (!hasBlocks && !hasFields && !hasExtras) return message;
  const kept = Object.entries(message as unknown as Fields).filter(
    ([field]) => !reasoningFields.has(field),
  );
  return {
    ...Object.fromEntries(kept),
    ...(hasBlocks ? { content: content.filter((block) => !isReasoning(block)) } : {}),
    ...(hasExtras ? { tool_calls: calls?.map(withoutExtra) } : {}),
  } as WireMessage;
}

function withoutExtra(call: object): object {
  const { extra_content: _, ...rest } = call as Fields;
  return rest;
}

function isReasoning(block: unknown): boolean {
  return reasoningBlocks.has((block as { readonly type: string }).type);
}
