import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  coerceMessageLikeToMessage,
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import {
  asChunks,
  documentSource,
  ResponseState,
  OpenStream,
  sendError,
  tidyCompletion,
  checkCompletion,
  type ChatRequest,
  type Completion,
  type SendOptions,
  type WholeAnswer,
} from "../completions/index.ts";
import { unlessAborted } from "../clock/index.ts";
import { adaptHistory } from "./adapt-history.ts";
import { RouteMemory } from "./route-memory.ts";
import type { ModelInfo, Route } from "./route.ts";

const info: ModelInfo = { structuredOutputMethod: "functionCalling", isFree: false };

/** A route to a LangChain chat model of any kind, which sends its own requests. */
export function chatModelRoute(chat: BaseChatModel): Route {
  const { model = chat.getName() } = chat as unknown as { readonly model?: string };
  return {
    model,
    via: "direct",
    provider: chat.getName(),
    countsAgainstAccount: false,
    streamUpstream: false,
    memory: new RouteMemory(),
    adapt: (request) => ({ ...request, model, messages: adaptHistory(request.messages) }),
    structuredOutputMethod: () => info.structuredOutputMethod,
    modelInfo: () => Promise.resolve(info),
    cachedModelInfo: () => info,
    sendCompletion: (options) => ask(chat, model, options),
    openStream: async (options) => {
      const { completion, metadata } = await ask(chat, model, options);
      const state = new ResponseState();
      state.isSent = true;
      state.readBody(completion);
      state.metadata.firstTokenAt = metadata.firstTokenAt;
      const source = documentSource(asChunks(completion));
      const head = (await source.read()) ?? [];
      return new OpenStream(head, source, options, state);
    },
  };
}

async function ask(chat: BaseChatModel, model: string, options: SendOptions): Promise<WholeAnswer> {
  const { request, signal, clock, progress } = options;
  const state = new ResponseState();
  try {
    state.isSent = true;
    const work = invoke(chat, request, signal);
    const message = await unlessAborted(work, signal);
    progress?.progress();
    state.metadata.firstTokenAt = clock.now();
    const completion = toCompletion(message, model);
    state.readBody(completion);
    tidyCompletion(completion, request);
    checkCompletion(completion);
    await options.check?.(completion);
    return { kind: "whole", completion, metadata: state.metadata };
  } catch (error) {
    throw sendError(error, options, state);
  }
}

function invoke(
  chat: BaseChatModel,
  { messages, tools, tool_choice, response_format }: ChatRequest,
  signal: AbortSignal,
): Promise<AIMessageChunk> {
  const options: Record<string, unknown> = {
    signal,
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(response_format === undefined ? {} : { response_format }),
  };
  const asked = messages.map((message) => coerceMessageLikeToMessage(message as never));
  if (!tools?.length) return chat.invoke(asked, options);
  if (!chat.bindTools) throw new TypeError(`${chat.getName()} cannot bind tools`);
  return chat.bindTools([...tools], options).invoke(asked);
}

/** The message as a completion on the wire. */
function toCompletion(message: BaseMessage, model: string): Completion {
  const { tool_calls: read = [], invalid_tool_calls: unread = [] } = message as AIMessage;
  const { usage_metadata: usage } = message as AIMessage;
  const calls = [...read, ...unread];
  const { finish_reason: finish } = message.response_metadata as { finish_reason?: string };
  const tool_calls = calls.map(({ id = "", name, args }) => ({
    id,
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  }));
  return {
    id: message.id ?? "",
    object: "chat.completion",
    created: 0,
    model,
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: finish ?? (calls.length > 0 ? "tool_calls" : "stop"),
        message: {
          role: "assistant",
          content: message.text === "" ? null : message.text,
          refusal: null,
          ...(calls.length > 0 ? { tool_calls } : {}),
        },
      },
    ],
    ...(usage ? { usage: wireUsage(usage) } : {}),
  } as unknown as Completion;
}

function wireUsage(usage: UsageMetadata): object {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    prompt_tokens_details: { cached_tokens: usage.input_token_details?.cache_read ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.output_token_details?.reasoning ?? 0 },
  };
}
