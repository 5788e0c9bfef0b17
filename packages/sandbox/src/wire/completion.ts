import type { Answer, Generation } from "./generation.ts";
import { openAiUsage, openRouterUsage } from "./usage.ts";

/** An error inside a choice. */
export interface ChoiceError {
  readonly code: number | string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The body of an answer that is not streamed. */
export function completionBody(generation: Generation, error?: ChoiceError) {
  const { answer, finishReason, usage, format } = generation;
  const isOpenRouter = format === "openrouter";
  return {
    id: generation.id,
    object: "chat.completion",
    created: generation.createdAtSeconds,
    model: generation.model,
    ...(isOpenRouter && { provider: generation.provider }),
    system_fingerprint: SYSTEM_FINGERPRINT,
    service_tier: null,
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: finishReason,
        ...(isOpenRouter && { native_finish_reason: finishReason, ...(error && { error }) }),
        message: {
          role: "assistant",
          content: answer.content,
          refusal: null,
          ...(isOpenRouter && { reasoning: null, reasoning_details: [] }),
          ...(answer.toolCalls.length > 0 && { tool_calls: wireToolCalls(answer) }),
        },
      },
    ],
    ...(usage !== undefined && {
      usage: isOpenRouter ? openRouterUsage(usage) : openAiUsage(usage),
    }),
  };
}

/** States in every answer that it is from the sandbox. */
export const SYSTEM_FINGERPRINT = "fp_sandbox_extractive_no_language_model";

function wireToolCalls(answer: Answer) {
  return answer.toolCalls.map((call, index) => ({
    index,
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));
}
