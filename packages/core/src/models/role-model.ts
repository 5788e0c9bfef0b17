import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import { AIMessageChunk, type AIMessage, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { RunnableLambda, type Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { assembleStructuredOutputPipeline } from "@langchain/core/language_models/structured_output";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { stepOf } from "../journal/index.ts";
import { priorityOfRole } from "../resilience/rate-limiter/index.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../resilience/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import { AnswerFormat } from "./answer-format.ts";
import type { AnswerMethod } from "./answer-method.ts";
import { answerOnce, chunkOf, streamOnce, type Answer, type Once } from "./answer-once.ts";
import type { AttemptInput } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import { callKey, copyOf } from "./coalesced.ts";
import { announce, askedOptions, chatOptions, scopeOf } from "./call-options.ts";
import { callForLiveAnswer } from "./live-answer.ts";
import { ModelCall } from "./model-call.ts";
import { readConfigurable, type RunConfigurable } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import type { Timeouts } from "./timeouts.ts";
import { callForWholeAnswer } from "./whole-answer.ts";
import { RoleModelWithFallbacks, toCandidates, type Fallback } from "./with-fallbacks.ts";
import { RoleModelWithRetry } from "./with-retry.ts";

type OutputSchema<Output extends Record<string, unknown>> =
  | InteropZodType<Output>
  | SerializableSchema<Output>
  | Record<string, unknown>;

/**
 * How a stream reaches its reader.
 *
 * - `live`: tokens at once; failures are hidden up to the first one.
 * - `whole`: the answer when it is complete; failures are hidden at any point. Tokens are events.
 */
export type Delivery = "live" | "whole";

export interface RoleModelFields extends BaseChatModelParams {
  readonly role: string;
  /** The role's own model first, then its fallbacks. */
  readonly candidates: readonly [Candidate, ...Candidate[]];
  /** @defaultValue {@link defaultRetryPolicy} */
  readonly policy?: RetryPolicy;
  readonly timeouts: Timeouts;
  /** Place in the account's line; higher goes first. @defaultValue executor before validator before all others */
  readonly priority?: number | undefined;
  readonly services: CallServices;
  /** @defaultValue `"live"` */
  readonly delivery?: Delivery;
  /** How often a live stream that broke begins anew, announced by an event and a marked chunk. @defaultValue `0` */
  readonly maxRestarts?: number;
  /** The shape that every final answer must have. */
  readonly format?: AnswerFormat | undefined;
  /** Leaves messages as the model gave them, where an answer came as a tool call. */
  readonly keepsMessage?: boolean;
  /** The model for an `agent_type`; makes this the general model. */
  readonly route?: (agentType: string) => RoleModel;
}

export interface RoleModelCallOptions extends BaseChatModelCallOptions {
  /** Tools in OpenAI's format. */
  readonly tools?: readonly Record<string, unknown>[];
  readonly response_format?: Record<string, unknown>;
  readonly configurable?: RunConfigurable & Record<string, unknown>;
}

/**
 * The chat model of one role. Every call is retried, failed over and written down, and it is still
 * a chat model: it binds tools, streams, batches, and works inside `createAgent` and LangGraph.
 */
export class RoleModel extends BaseChatModel<RoleModelCallOptions> {
  readonly fields: RoleModelFields;

  constructor(fields: RoleModelFields) {
    super(fields);
    this.fields = fields;
  }

  static override lc_name(): string {
    return "RoleModel";
  }

  override _llmType(): string {
    return "orchestra";
  }

  get role(): string {
    return this.fields.role;
  }

  /** Id of the role's own model. */
  get model(): string {
    return this.fields.candidates[0].model;
  }

  /** Lets `createAgent` ask for structured output natively; each candidate gets what it understands. */
  override get profile(): { readonly toolCalling: true; readonly structuredOutput: true } {
    return { toolCalling: true, structuredOutput: true };
  }

  override getLsParams(options: this["ParsedCallOptions"]) {
    return { ...super.getLsParams(options), ls_provider: "openrouter", ls_model_name: this.model };
  }

  override _identifyingParams(): Record<string, unknown> {
    return {
      model: this.model,
      fallbacks: this.fields.candidates.slice(1).map(({ model }) => model),
    };
  }

  /** The same model with some fields changed. */
  with(fields: Partial<RoleModelFields>): RoleModel {
    return new RoleModel({ ...this.fields, ...fields });
  }

  /**
   * The same model with another retry policy. Retries do not multiply: the policy replaces the
   * model's own, so the result may be used wherever this model is.
   */
  override withRetry(fields: RetryFields = {}): RoleModelWithRetry {
    const { stopAfterAttempt, onFailedAttempt: _, ...policy } = fields;
    const { policy: own = defaultRetryPolicy } = this.fields;
    const maxAttempts = stopAfterAttempt ?? policy.maxAttempts ?? own.maxAttempts;
    return new RoleModelWithRetry(this.with({ policy: { ...own, ...policy, maxAttempts } }));
  }

  /**
   * The same model with further models to fall back on, after those it has. Falls back only where
   * another model may succeed: not on a wrong key, a malformed request or an abort.
   *
   * @param fallbacks - Chat models of any kind; of a role model, all its candidates.
   * @throws {TypeError} for a fallback that is no chat model
   */
  override withFallbacks(
    fallbacks: readonly Fallback[] | { readonly fallbacks: readonly Fallback[] },
  ): RoleModelWithFallbacks {
    const added = ("fallbacks" in fallbacks ? fallbacks.fallbacks : fallbacks).flatMap(
      toCandidates,
    );
    return new RoleModelWithFallbacks(
      this.with({ candidates: [...this.fields.candidates, ...added] }),
      added.map(({ chat }) => chat),
    );
  }

  override bindTools(tools: BindToolsInput[], kwargs?: Partial<RoleModelCallOptions>) {
    const converted = tools.map(
      (tool) => convertToOpenAITool(tool) as unknown as Record<string, unknown>,
    );
    return this.withConfig({
      ...kwargs,
      tools: converted,
    });
  }

  /** The same model, held to a shape: whatever it answers fits it, or the call fails over. */
  answering(format: AnswerFormat): RoleModel {
    return this.with({ format });
  }

  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions,
  ): Runnable<BaseLanguageModelInput, Output>;
  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: Output }>;
  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: OutputSchema<Output>,
    { name, method, includeRaw = false }: StructuredOutputMethodOptions<boolean> = {},
  ) {
    const format = new AnswerFormat(schema, { name, method: method as AnswerMethod | undefined });
    const model = this.with({ format, keepsMessage: includeRaw, delivery: "whole" });
    const parser = RunnableLambda.from(
      (message: AIMessage) => format.parse(message) as Promise<Output>,
    );
    return assembleStructuredOutputPipeline(model, parser, includeRaw, "StructuredOutput");
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const target = this.#routeFor(options);
    if (target !== this) return target._generate(messages, options, runManager);
    const call = () => this.#coalesced(messages, options, runManager);
    const once = this.#onceOf(messages, options, runManager);
    return once ? answerOnce(once, call) : (await call()).result;
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const target = this.#routeFor(options);
    if (target !== this) {
      yield* target._streamResponseChunks(messages, options, runManager);
      return;
    }
    if (this.fields.delivery === "whole" || this.#formatFor(options)) {
      yield* this.#wholeAsStream(messages, options, runManager);
      return;
    }
    const open = () => this.#live(messages, options, runManager);
    const once = this.#onceOf(messages, options, runManager);
    for await (const chunk of once ? streamOnce(once, open) : open()) {
      yield chunk;
      await announce(runManager, chunk);
    }
  }

  #live(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): AsyncGenerator<ChatGenerationChunk, CallRecord> {
    const input = { messages, options: chatOptions(options) };
    const call = this.#begin(options, runManager);
    const { maxRestarts = 0 } = this.fields;
    return callForLiveAnswer({ call, input, maxRestarts });
  }

  /** The call's place in its run's journal; none without a journal, or if JSON cannot tell it from others. */
  #onceOf(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): Once | undefined {
    const configurable = readConfigurable(options as RunnableConfig);
    const { journal, step = stepOf({ configurable }) } = configurable;
    if (!journal) return undefined;
    const request = this.#keyOf(messages, options);
    if (request === undefined) return undefined;
    const { role, services } = this.fields;
    const onReplay = (record: CallRecord) => {
      const { runId, onEvent } = scopeOf(configurable, runManager, services);
      const event = { type: "call-replay", runId, callId: record.id, role, record } as const;
      services.onEvent(event);
      onEvent?.(event);
    };
    return { journal, entry: { kind: "call", step, name: role, request }, onReplay };
  }

  #keyOf(messages: BaseMessage[], options: this["ParsedCallOptions"]): string | undefined {
    const { role, candidates, format, keepsMessage } = this.fields;
    const rest = { ...askedOptions(options), schema: format?.jsonSchema, keepsMessage };
    return callKey(role, candidates, messages, rest);
  }

  /** Joins an identical call that is in flight, where that is asked for. */
  async #coalesced(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): Promise<Answer> {
    const { coalescer } = this.fields.services;
    const whole = (signal = options.signal) =>
      this.#whole(messages, signal ? { ...options, signal } : options, runManager);
    if (!coalescer) return whole();
    const key = this.#keyOf(messages, options);
    if (key === undefined) return whole();
    const { result, record } = await coalescer.run(key, whole, options.signal);
    return { result: copyOf(result), record };
  }

  #whole(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
    onText?: (text: string, attempt: number) => void,
  ): Promise<Answer> {
    const input: AttemptInput = { messages, options: chatOptions(options) };
    return callForWholeAnswer({
      call: this.#begin(options, runManager),
      input,
      format: this.#formatFor(options),
      keepsMessage: this.fields.keepsMessage,
      onText,
    });
  }

  /** One chunk with the whole answer; what comes before it are token callbacks that name their attempt. */
  async *#wholeAsStream(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): AsyncGenerator<ChatGenerationChunk> {
    const onText = (text: string, attempt: number) => {
      const message = new AIMessageChunk({ content: text, response_metadata: { attempt } });
      void announce(runManager, new ChatGenerationChunk({ text, message }));
    };
    const call = () => this.#whole(messages, options, runManager, onText);
    const once = this.#onceOf(messages, options, runManager);
    const { generations } = once ? await answerOnce(once, call) : (await call()).result;
    const [generation] = generations;
    if (generation) yield chunkOf(generation);
  }

  #begin(
    options: this["ParsedCallOptions"],
    runManager: CallbackManagerForLLMRun | undefined,
  ): ModelCall {
    const { role, candidates, policy = defaultRetryPolicy, timeouts, services } = this.fields;
    const scope = scopeOf(readConfigurable(options as RunnableConfig), runManager, services);
    const { signal } = options;
    const { priority = priorityOfRole(role) } = this.fields;
    return new ModelCall({ role, candidates, policy, timeouts, priority, scope, services, signal });
  }

  #routeFor(options: this["ParsedCallOptions"]): RoleModel {
    const agentType = readConfigurable(options as RunnableConfig).agent_type;
    const { route } = this.fields;
    return route && agentType !== undefined ? route(agentType) : this;
  }

  /** The model's own format, or the one that a caller such as `createAgent` asked for by `response_format`. */
  #formatFor(options: this["ParsedCallOptions"]): AnswerFormat | undefined {
    const { format } = this.fields;
    const { type, json_schema: asked } = (options.response_format ?? {}) as {
      type?: string;
      json_schema?: { name?: string; schema: Record<string, unknown> };
    };
    if (format || type !== "json_schema" || !asked) return format;
    return new AnswerFormat(asked.schema, { name: asked.name });
  }

  /** Keeps `configurable` among the call's options, from which the base class takes it away. */
  protected override _separateRunnableConfigFromCallOptionsCompat(
    options?: Partial<RoleModelCallOptions>,
  ): [RunnableConfig, this["ParsedCallOptions"]] {
    const [config, callOptions] = super._separateRunnableConfigFromCallOptionsCompat(options);
    return [config, { ...callOptions, configurable: config.configurable }];
  }
}

/** What LangChain's `withRetry` takes, and beside it every field of our policy. */
export interface RetryFields extends Partial<RetryPolicy> {
  readonly stopAfterAttempt?: number;
  /** Kept for LangChain's signature; retries are events and log lines here. */
  readonly onFailedAttempt?: unknown;
}
