import type { ChatRequest } from "../wire/chat-request.ts";
import type { Answer } from "../wire/generation.ts";

/** Answers a request by extraction from its own material. */
export function answerByExtraction(
  request: ChatRequest,
  supportedParameters: readonly string[],
  newCallId: () => string,
): Answer {
  void request;
  void supportedParameters;
  void newCallId;
  return { content: "I am the sandbox's extractive model, not a language model.", toolCalls: [] };
}
