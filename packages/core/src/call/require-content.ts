import type { ChatRequest } from "../completions/index.ts";
import { ArgumentError } from "../errors/index.ts";

type Message = ChatRequest["messages"][number];

/** Whether a message has content. */
function isBlank({ content }: { readonly content?: unknown }): boolean {
  return typeof content === "string" ? content.trim() === "" : !(content as [] | null)?.length;
}

/**
 * Refuses a request without content, which servers answer at random.
 *
 * @throws {ArgumentError} if no message has content
 */
export function requireContent(messages: readonly Message[]): void {
  const says = (message: Message) =>
    !isBlank(message) || "tool_calls" in message || "function_call" in message;
  if (messages.some(says)) return;
  throw new ArgumentError(
    "The call: input is blank: expected a text with words, or messages of which one has content. Nothing was sent",
  );
}
