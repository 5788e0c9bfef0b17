import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { convertChunksToEvents } from "@langchain/core/language_models/compat";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { RunnableConfig } from "@langchain/core/runnables";
import { ChatOpenAICompletions, type ChatOpenAIFields, type OpenAIClient } from "@langchain/openai";
import {
  completeCall,
  neededPolicies,
  readings,
  streamCall,
  type CallInput,
  type CallServices,
  type Policy,
} from "../call/index.ts";
import { scopeOfNewRun } from "../call/open-runs.ts";
import type { ChatRequest, Completion, CompletionChunk } from "../completions/index.ts";
import {
  requestFieldsOf,
  withCall,
  mergeRequestFields,
  readConfigurable,
  type CallExtras,
  type RequestOptions,
} from "../gateway/call-options.ts";
import { choiceOf, oneChoiceEach, tidyMetadata } from "./odd-answers.ts";
import {
  hasKept,
  keepOfAnswer,
  keepOfChunk,
  withKept,
  withoutUnreadable,
} from "./provider-state.ts";
import { readHeaders } from "../gateway/read-headers.ts";
import { schemaOf } from "./structured-output.ts";
import type { RoleConfig } from "../gateway/role-config.ts";
import { withoutImpliedStrict } from "./implied-strict.ts";
import { tokenListener } from "./token-listener.ts";

type Streaming = OpenAIClient.Chat.ChatCompletionCreateParamsStreaming;
type NonStreaming = OpenAIClient.Chat.ChatCompletionCreateParamsNonStreaming;
type SelectCompletions = (agentType: string) => ChatOpenAICompletions;

/**
 * LangChain's conversion of messages to requests and of answers to messages. In between,
 * `completionWithRetry` makes the call: Orchestra's code begins there.
 */
export class RoleCompletions extends ChatOpenAICompletions {
  readonly #config: RoleConfig;
  readonly #policies: readonly Policy[];
  readonly #select: SelectCompletions | undefined;

  /** @param select - The completions for an `agent_type`; creates the general model's. */
  constructor(fields: ChatOpenAIFields, config: RoleConfig, select?: SelectCompletions) {
    super(fields);
    this.#config = config;
    this.#policies = neededPolicies(config.policies, config.plan);
    this.#select = select;
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const target = this.#select ? this.#targetFor(options) : this;
    if (target !== this) return target._generate(messages, options, runManager);
    const onText = this.streaming ? tokenListener(runManager) : undefined;
    const own = this.#withCall(options, messages, onText);
    return super._generate(messages, own, runManager);
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const target = this.#targetFor(options);
    if (target !== this) yield* target._streamResponseChunks(messages, options, runManager);
    else if (this.#config.delivery === "buffered") {
      yield* this.#buffered(messages, options, runManager);
    } else {
      const own = this.#withCall(options, messages);
      yield* super._streamResponseChunks(messages, own, runManager);
    }
  }

  override async *_streamChatModelEvents(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): ReturnType<ChatOpenAICompletions["_streamChatModelEvents"]> {
    const target = this.#targetFor(options);
    if (target !== this) yield* target._streamChatModelEvents(messages, options, runManager);
    else if (this.#config.delivery === "buffered") {
      const chunks = this.#buffered(messages, options, runManager);
      const { signal } = options;
      yield* convertChunksToEvents(chunks, signal ? { signal } : {});
    } else {
      const own = this.#withCall(options, messages);
      yield* super._streamChatModelEvents(messages, own, runManager);
    }
  }

  /** One chunk with the whole answer, after token callbacks that have the number of their attempt. */
  async *#buffered(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): AsyncGenerator<ChatGenerationChunk> {
    const own = this.#withCall(options, messages, tokenListener(runManager));
    const { generations } = await super._generate(messages, own, runManager);
    for (const { text, message, generationInfo = {} } of generations.slice(0, 1)) {
      const chunk = new AIMessageChunk(message);
      yield new ChatGenerationChunk({ text, message: chunk, generationInfo });
    }
  }

  #withCall(
    options: this["ParsedCallOptions"],
    messages: readonly BaseMessage[],
    onText?: CallExtras["onText"],
  ): this["ParsedCallOptions"] {
    let history: readonly BaseMessage[] | undefined;
    for (const message of messages) {
      const isOdd = message.type !== "human" && message.type !== "system" && hasKept(message);
      if (isOdd) history = messages;
    }
    return withCall(options, this.#config.plan.services, { onText, history });
  }

  #targetFor(options: this["ParsedCallOptions"]): ChatOpenAICompletions {
    if (!this.#select) return this;
    const { agent_type: agentType } = readConfigurable(options as RunnableConfig);
    return agentType === undefined ? this : this.#select(agentType);
  }

  /** The request's fields: those of the account, then of the role, of the model, and of the call. */
  override invocationParams(
    options?: this["ParsedCallOptions"],
    extra?: { readonly streaming?: boolean },
  ): ReturnType<ChatOpenAICompletions["invocationParams"]> {
    const params = super.invocationParams(options, extra);
    // The route streams a whole answer from upstream, not LangChain.
    if (!extra?.streaming) params.stream = false;
    if (params.tools && options?.response_format && options.strict === undefined) {
      params.tools = withoutImpliedStrict(params.tools, options.tools ?? []);
    }
    const own = requestFieldsOf(options);
    // LangChain has converted it to the format of OpenAI's own reasoning models.
    if (params.reasoning_effort) delete own["reasoning"];
    const fields = mergeRequestFields(this.#config.request, params, own);
    // LangChain uses the newer name for models that need it: the limit of the role gets that name too.
    const isRenamed = "max_completion_tokens" in params && fields.max_tokens !== undefined;
    if (!isRenamed) return fields as typeof params;
    const { max_tokens, ...others } = fields;
    return { max_completion_tokens: max_tokens, ...others } as typeof params;
  }

  override completionWithRetry(
    request: Streaming,
    options?: RequestOptions,
  ): Promise<AsyncIterable<CompletionChunk>>;
  override completionWithRetry(
    request: NonStreaming,
    options?: RequestOptions,
  ): Promise<Completion>;
  override async completionWithRetry(
    request: Streaming | NonStreaming,
    options: RequestOptions = {},
  ): Promise<AsyncIterable<CompletionChunk> | Completion> {
    const { plan } = this.#config;
    const input = inputOf(request as unknown as ChatRequest, options, plan.services);
    const { key } = input.scope;
    const policies = key ? neededPolicies(this.#config.policies, plan, key) : this.#policies;
    if (request.stream) {
      const chunks = await streamCall(policies, plan, input);
      return (request.n ?? 1) > 1 ? oneChoiceEach(chunks, plan.services.createId()) : chunks;
    }
    const { completion, record } = await completeCall(policies, plan, input);
    // Ids of messages are ours: some servers repeat theirs, and LangGraph replaces messages by id.
    return { ...completion, call_id: record.id } as Completion;
  }

  /** Keeps the parts that LangChain drops: calls that cannot be read, and state that the provider requires later. */
  override _convertCompletionsMessageToBaseMessage(
    message: OpenAIClient.Chat.Completions.ChatCompletionMessage,
    completion: Completion,
  ): BaseMessage {
    message.role = "assistant";
    const converted = super._convertCompletionsMessageToBaseMessage(
      message.tool_calls ? withoutUnreadable(message) : message,
      completion,
    );
    const { call_id: id } = completion as { readonly call_id?: string };
    converted.id = id as string;
    const at = message === completion.choices[0]?.message ? 0 : choiceOf(message, completion);
    if (at > 0) converted.id = `${id}-${at}`;
    readings.set(converted.additional_kwargs, readings.get(message));
    if (message.tool_calls || "asked_model" in completion)
      keepOfAnswer(converted, message, completion);
    return converted;
  }

  /** Some servers omit the role. Usage arrives once, in its own chunk, but some gateways put it on a chunk with text. */
  override _convertCompletionsDeltaToBaseMessageChunk(
    delta: Record<string, unknown>,
    chunk: CompletionChunk,
    defaultRole: OpenAIClient.Chat.ChatCompletionRole = "assistant",
  ): ReturnType<ChatOpenAICompletions["_convertCompletionsDeltaToBaseMessageChunk"]> {
    const { model, service_tier: tier } = chunk as Partial<CompletionChunk>;
    const isOdd =
      typeof (model ?? "") !== "string" ||
      typeof (tier ?? "") !== "string" ||
      typeof (chunk.system_fingerprint ?? "") !== "string";
    if (isOdd || (delta["role"] ?? defaultRole) !== defaultRole) tidyMetadata(delta, chunk);
    const { usage, ...withoutUsage } = chunk;
    const raw = (usage ? withoutUsage : chunk) as CompletionChunk;
    const message = super._convertCompletionsDeltaToBaseMessageChunk(delta, raw, defaultRole);
    const { restart, choice_id: id } = chunk as { readonly restart?: number; choice_id?: string };
    if (restart !== undefined) message.response_metadata = { restart };
    message.id = id as never;
    if ("asked_model" in chunk) keepOfChunk(message, delta, chunk);
    return message;
  }
}

/** What one call asks for, from LangChain's request and the options of the client that it thinks it has. */
function inputOf(request: ChatRequest, options: RequestOptions, services: CallServices): CallInput {
  const { headers, timeout } = options.options ?? options;
  const call = options.call ?? options.options?.call;
  const { history, ...extras } = call ?? {
    history: undefined,
    scope: scopeOfNewRun(services.createId(), services.traceId),
  };
  return {
    ...extras,
    request: history ? withKept(request, history) : request,
    signal: options.signal ?? undefined,
    headers: headers ? readHeaders(headers, "The call") : undefined,
    outputSchema: call?.outputSchema ?? schemaOf(request),
    ...(typeof timeout === "number" ? { attemptMs: timeout } : {}),
  };
}
