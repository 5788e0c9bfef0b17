import { createHash } from "node:crypto";
import type { WireMessage } from "../../completions/index.ts";
import type { Fitting } from "./fitting.ts";

/** Mistral takes ids of nine letters and digits only; they are made from the ids that there are. */
export const shortToolCallIds: Fitting = {
  name: "tool_call_id",
  refusal: /tool.?call.{0,8}ids?\b.*\b(length|alphanumeric|a-z|characters|pattern|too long)/i,
  fit: (request) => {
    const isShort = request.messages.every((message) => idsOf(message).every(isNineCharacters));
    if (isShort) return request;
    return { ...request, messages: request.messages.map(withShortIds) };
  },
};

function idsOf(message: WireMessage): readonly string[] {
  if (message.role === "tool") return [message.tool_call_id];
  return message.role === "assistant" ? (message.tool_calls ?? []).map(({ id }) => id) : [];
}

function withShortIds(message: WireMessage): WireMessage {
  if (message.role === "tool") return { ...message, tool_call_id: shorten(message.tool_call_id) };
  if (message.role !== "assistant" || !message.tool_calls) return message;
  return {
    ...message,
    tool_calls: message.tool_calls.map((call) => ({ ...call, id: shorten(call.id) })),
  };
}

function shorten(id: string): string {
  return isNineCharacters(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 9);
}

function isNineCharacters(id: string): boolean {
  return /^[a-zA-Z0-9]{9}$/.test(id);
}
