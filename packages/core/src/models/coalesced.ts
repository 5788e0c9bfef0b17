import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatGeneration, ChatResult } from "@langchain/core/outputs";
import { requestKey } from "../resilience/coalesce/index.ts";

/** What makes two calls the same; `undefined` for a call that JSON cannot tell from others. */
export function callKey(
  role: string,
  models: readonly string[],
  messages: readonly BaseMessage[],
  rest: Readonly<Record<string, unknown>>,
): string | undefined {
  try {
    return requestKey(
      JSON.parse(JSON.stringify({ role, models, messages: messages.map((m) => m.toDict()), rest })),
    );
  } catch {
    return undefined;
  }
}

/** The same result in messages of one's own: LangChain writes ids and metadata into them. */
export function copyOf(result: ChatResult): ChatResult {
  const generations = result.generations.map((generation): ChatGeneration => {
    const message = generation.message as AIMessage;
    const {
      content,
      tool_calls = [],
      additional_kwargs,
      response_metadata,
      usage_metadata,
    } = message;
    const copy = new AIMessage({
      content,
      tool_calls: [...tool_calls],
      additional_kwargs: { ...additional_kwargs },
      response_metadata: { ...response_metadata },
      ...(usage_metadata ? { usage_metadata } : {}),
      ...(message.id === undefined ? {} : { id: message.id }),
    });
    return { ...generation, message: copy };
  });
  return { ...result, generations };
}
