import { randomUUID } from "node:crypto";
import type { WireMessage } from "../wire.ts";

/** OpenAI refuses longer ids. */
const maxIdLength = 40;

/** LiteLLM puts Gemini's thought signature into the id, and requires it there later. */
const signatureMark = "__thought__";

/** @returns the server's id, or another one if it is missing, too long, or already in use */
export function newToolCallId(id: unknown, taken: ReadonlySet<string>): string {
  const isUsable =
    typeof id === "string" &&
    id !== "" &&
    (id.length <= maxIdLength || id.includes(signatureMark)) &&
    !taken.has(id);
  return isUsable ? id : `call_${randomUUID().replaceAll("-", "")}`;
}

/** The ids of all tool calls of a conversation. */
export function toolCallIds(messages: readonly WireMessage[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const message of messages) {
    if (message.role !== "assistant" || !Array.isArray(message.tool_calls)) continue;
    for (const call of message.tool_calls) ids.add(call.id);
  }
  return ids;
}
