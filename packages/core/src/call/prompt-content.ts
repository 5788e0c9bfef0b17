import type { WireMessage } from "../completions/index.ts";
import type { CallContent } from "../usage/call-record.ts";

/** The text of a prompt, for records. */
export function promptContent(messages: readonly WireMessage[]): CallContent["prompt"] {
  return messages.map(({ role, content }) => ({ role, text: textOf(content) }));
}

function textOf(content: WireMessage["content"]): string {
  if (typeof content === "string") return content;
  const parts = (content ?? []) as readonly { readonly type: string; readonly text?: string }[];
  return parts.map(({ type, text }) => (type === "text" ? (text ?? "") : `[${type}]`)).join("");
}
