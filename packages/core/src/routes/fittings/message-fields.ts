import { stateFields, type ChatRequest, type WireMessage } from "../../completions/index.ts";
import type { Fitting } from "./fitting.ts";

/** Some servers refuse the reasoning of earlier answers. */
export const noReasoning: Fitting = {
  name: "reasoning of messages",
  refusal: /messages?\b.*(reasoning|extra_content)|(reasoning|extra_content).*messages?\b/is,
  fit: (request) => without(request, stateFields),
};

/** LangChain puts the name of an agent on its messages, which some servers refuse. */
export const noNames: Fitting = {
  name: "name of messages",
  refusal:
    /messages?\b.*\bname\b.*(extra|permitted|supported|unsupported|unknown|invalid|unexpected|not match)|(extra|unsupported|unknown|invalid|unexpected).*messages?\b.*\bname\b/is,
  fit: (request) => without(request, ["name"]),
};

function without(request: ChatRequest, fields: readonly string[]): ChatRequest {
  const hasAny = (message: WireMessage) =>
    message.role !== "tool" && fields.some((field) => field in message);
  if (!request.messages.some(hasAny)) return request;
  const messages = request.messages.map((message) => {
    if (!hasAny(message)) return message;
    const kept = Object.entries(message).filter(([field]) => !fields.includes(field));
    return Object.fromEntries(kept) as unknown as WireMessage;
  });
  return { ...request, messages };
}
