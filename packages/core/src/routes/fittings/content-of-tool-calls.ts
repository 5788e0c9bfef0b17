import type { ChatRequest } from "../../completions/index.ts";
import type { Fitting } from "./fitting.ts";

/** Ollama and others want text, be it empty, in a message that only calls tools. */
export const emptyContent: Fitting = {
  name: "content: null",
  refusal: /content.*(nil|null|none|string|missing|required)|(null|nil|none).*content/i,
  fit: (request) => withContent(request, null, ""),
};

/** Bedrock and others refuse empty text there. */
export const nullContent: Fitting = {
  name: "empty content",
  refusal:
    /(blank|empty|non-?whitespace|at least one character).*(text|content)|(text|content).*(blank|empty|non-?whitespace|at least one character)/i,
  fit: (request) => withContent(request, "", null),
};

function withContent(request: ChatRequest, from: "" | null, to: "" | null): ChatRequest {
  let isSame = true;
  const messages = request.messages.map((message) => {
    if (message.role !== "assistant" || !message.tool_calls?.length) return message;
    if ((message.content ?? null) !== from) return message;
    isSame = false;
    return { ...message, content: to };
  });
  return isSame ? request : { ...request, messages };
}
