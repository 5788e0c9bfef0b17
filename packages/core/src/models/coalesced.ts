import { AIMessage, type AIMessageFields, type BaseMessage } from "@langchain/core/messages";
import type { ChatGeneration, ChatResult } from "@langchain/core/outputs";
import { requestKey } from "../resilience/coalesce/index.ts";
import type { Candidate } from "./candidate.ts";

/** What makes two calls the same; `undefined` for a call that JSON cannot tell from others. */
export function callKey(
  role: string,
  candidates: readonly Candidate[],
  messages: readonly BaseMessage[],
  rest: Readonly<Record<string, unknown>>,
): string | undefined {
  try {
    const asked = { role, models: candidates.map(asks), messages: messages.map(says), rest };
    return requestKey(JSON.parse(JSON.stringify(asked)));
  } catch {
    return undefined;
  }
}

function asks({ model, maxTokens, chat }: Candidate): unknown {
  const { temperature } = chat as { readonly temperature?: unknown };
  return { model, maxTokens, temperature };
}

/**
 * What a message says to a model. Its id is left out: LangGraph draws one for each message that has
 * none, and so are the traces of how it came.
 */
function says(message: BaseMessage): unknown {
  const { content, name, additional_kwargs } = message;
  const { tool_calls, invalid_tool_calls, tool_call_id, status, role } =
    message as unknown as Record<string, unknown>;
  const ofKind = { tool_calls, invalid_tool_calls, tool_call_id, status, role };
  return { type: message.getType(), content, name, additional_kwargs, ...ofKind };
}

/** The same result in messages of one's own: LangChain writes ids and metadata into them. */
export function copyOf(result: ChatResult): ChatResult {
  const generations = result.generations.map((generation): ChatGeneration => {
    const message = new AIMessage(fieldsOf(generation.message as AIMessage));
    return { ...generation, message };
  });
  return { ...result, generations };
}

/** All that an answer is made of. */
export function fieldsOf(message: AIMessage): AIMessageFields {
  const { content, name, id, usage_metadata } = message;
  const { tool_calls = [], invalid_tool_calls = [] } = message;
  return {
    content,
    tool_calls: [...tool_calls],
    invalid_tool_calls: [...invalid_tool_calls],
    additional_kwargs: { ...message.additional_kwargs },
    response_metadata: { ...message.response_metadata },
    ...(usage_metadata ? { usage_metadata } : {}),
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
  };
}
