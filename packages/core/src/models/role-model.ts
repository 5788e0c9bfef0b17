import type {
  BaseLanguageModelInput as Input,
  StructuredOutputMethodOptions,
} from "@langchain/core/language_models/base";
import type { BindToolsInput, LangSmithParams } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import {
  ensureConfig,
  type Runnable,
  type RunnableBatchOptions,
  type RunnableConfig,
} from "@langchain/core/runnables";
import type { IterableReadableStream } from "@langchain/core/utils/stream";
import { ChatOpenAI, type ChatOpenAIFields } from "@langchain/openai";
import { z } from "zod";
import { ArgumentError } from "../errors/index.ts";
import { atCaller } from "../errors/at-caller.ts";
import { checkInput } from "../input/check-input.ts";
import { checkCall, runIdOf, type RoleModelCallOptions } from "../gateway/call-options.ts";
import { readStrictly } from "./provider-state.ts";
import { RoleCompletions } from "./role-completions.ts";
import type { RoleConfig } from "../gateway/role-config.ts";
import { streamInContext } from "./stream-in-context.ts";
import { structuredOutput, type AnyOutput } from "./structured-output.ts";
import { retryPolicyWith, type RetryFields } from "./role-model-options.ts";
import { toWireTools } from "./wire-tools.ts";
import { fallbacksOf, RoleModelWithFallbacks, toRoutes, type Fallbacks } from "./with-fallbacks.ts";
import { RoleModelWithRetry } from "./with-retry.ts";

export interface RoleModelFields extends ChatOpenAIFields {
  /** The role of the model. */
  readonly config: RoleConfig;
  /** The model for an `agent_type`; creates the general model. */
  readonly route?: ((agentType: string) => RoleModel) | undefined;
}

const configOfRole =
  "the configuration of a role, with its plan and policies. orchestra.modelFor(role) makes models";

/** A call's options inside LangChain, with the data that has to reach the request. */
type ParsedOptions = RoleModel["ParsedCallOptions"];

type Options = Partial<RoleModelCallOptions>;
type AIMessageChunkStream = IterableReadableStream<AIMessageChunk>;

/**
 * The chat model of one role: a `ChatOpenAI` whose every call is limited, retried, failed over and
 * recorded. It binds tools, streams, batches, and works inside `createAgent` and LangGraph.
 */
export class RoleModel extends ChatOpenAI<RoleModelCallOptions> {
  readonly config: RoleConfig;
  readonly #fields: RoleModelFields;

  constructor(fields: RoleModelFields) {
    if (!Array.isArray(fields?.config?.policies) || !fields.config.plan?.routes?.[0]) {
      throw ArgumentError.of("new RoleModel(): fields.config", fields?.config, configOfRole);
    }
    const { config, route, ...own } = fields;
    const select = route && ((agentType: string) => route(agentType).completions);
    super({ ...own, completions: new RoleCompletions(own, config, select) });
    this.config = config;
    this.#fields = fields;
  }

  get role(): string {
    return this.config.plan.role;
  }

  /** Lets `createAgent` request structured output natively; each route gets a method that it supports. */
  override get profile() {
    return { ...super.profile, toolCalling: true, structuredOutput: true };
  }

  /** All models use chat completions, the one API that all routes have. */
  protected override _useResponsesApi(): boolean {
    return false;
  }

  override getLsParams(options: this["ParsedCallOptions"]): LangSmithParams {
    return { ...super.getLsParams(options), ls_provider: "openrouter" };
  }

  override _identifyingParams(): ReturnType<ChatOpenAI["_identifyingParams"]> {
    const { role, routes } = this.config.plan;
    const fallbacks = routes.slice(1).map(({ model }) => model);
    const params = { ...this.completions.invocationParams(), role, fallbacks };
    return { model_name: this.model, ...params };
  }

  /** Two calls share an entry of LangChain's cache only if their requests are equal. */
  override _getSerializedCacheKeyParametersForCall(options: ParsedOptions): string {
    const { configurable: _, outputSchema, ...asked } = options as RoleModelCallOptions;
    const schema = outputSchema && { outputSchema: outputSchema.jsonSchema };
    return super._getSerializedCacheKeyParametersForCall({ ...asked, ...schema } as never);
  }

  protected override _getCallOptionsForTracing(
    options: this["ParsedCallOptions"],
    params: ReturnType<this["invocationParams"]>,
  ) {
    const { configurable: _, outputSchema: __, ...shown } = options as RoleModelCallOptions;
    return super._getCallOptionsForTracing(shown, params);
  }

  /** The same model with parts of its configuration changed. */
  with(config: Partial<RoleConfig>): RoleModel {
    const fields = { ...this.#fields, config: { ...this.config, ...config } };
    return Object.assign(new RoleModel(fields), { defaultOptions: this.defaultOptions });
  }

  /** @throws {ArgumentError} for input that is not a message, and for invalid options */
  override async invoke(input: Input, options?: Options): Promise<AIMessageChunk> {
    checkCall(input, options);
    const message = await super.invoke(input, options);
    if (message.tool_call_chunks?.length) readStrictly(message);
    return message;
  }

  /** @throws {ArgumentError} like {@link RoleModel.invoke} */
  override async stream(input: Input, options?: Options): Promise<AIMessageChunkStream> {
    checkCall(input, options);
    const config = ensureConfig(options);
    return streamInContext(this._streamIterator(input, config), config);
  }

  override batch(
    inputs: Input[],
    options?: Options | Options[],
    batchOptions?: RunnableBatchOptions & { returnExceptions?: false },
  ): Promise<AIMessageChunk[]>;
  override batch(
    inputs: Input[],
    options?: Options | Options[],
    batchOptions?: RunnableBatchOptions,
  ): Promise<(AIMessageChunk | Error)[]>;
  override batch(...given: Parameters<ChatOpenAI["batch"]>): Promise<(AIMessageChunk | Error)[]> {
    const [inputs, options] = given;
    checkInput(z.array(z.unknown()), inputs, "batch()", "inputs");
    for (const each of [options].flat()) checkCall("any", each);
    return atCaller(super.batch(...given));
  }

  /** @throws {ArgumentError} for a value that is not a tool, and for a schema that JSON Schema cannot express */
  override bindTools(tools: BindToolsInput[], kwargs?: Options) {
    return super.bindTools(toWireTools(tools) as Parameters<ChatOpenAI["bindTools"]>[0], kwargs);
  }

  /** @throws {ArgumentError} for invalid options */
  override withConfig(config: Options): RoleModel {
    checkCall("any", config);
    const defaultOptions = { ...this.defaultOptions, ...config };
    return Object.assign(new RoleModel(this.#fields), { defaultOptions });
  }

  /**
   * The same model with another retry policy. Retries do not multiply: the policy replaces the
   * model's own, and the result may be used wherever this model is.
   */
  override withRetry(fields: RetryFields = {}): RoleModelWithRetry {
    const { plan } = this.config;
    const retryPolicy = retryPolicyWith(plan.retryPolicy, fields);
    return new RoleModelWithRetry(this.with({ plan: { ...plan, retryPolicy } }));
  }

  /**
   * The same model with further models to fall back on, after those that it has. Falls back only
   * if another model may succeed: not on a wrong key, a malformed request or an abort.
   *
   * @param fallbacks - Chat models of any kind; of a role model, all its routes.
   * @throws {ArgumentError} for a fallback that is not a chat model
   */
  override withFallbacks(fallbacks: Fallbacks): RoleModelWithFallbacks {
    const models = fallbacksOf(fallbacks);
    const { plan } = this.config;
    const [primary, ...others] = plan.routes;
    const routes = [primary, ...others, ...models.flatMap(toRoutes)] as const;
    return new RoleModelWithFallbacks(this.with({ plan: { ...plan, routes } }), models);
  }

  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: AnyOutput<Output>,
    config?: StructuredOutputMethodOptions,
  ): Runnable<Input, Output>;
  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: AnyOutput<Output>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<Input, { raw: BaseMessage; parsed: Output }>;
  override withStructuredOutput<Output extends Record<string, unknown>>(
    schema: AnyOutput<Output>,
    config: StructuredOutputMethodOptions<boolean> = {},
  ) {
    return structuredOutput(this, schema, config);
  }

  /** Keeps `configurable`, with the run, among the call's options. The base class would remove it. */
  protected override _separateRunnableConfigFromCallOptionsCompat(
    options?: Partial<RoleModelCallOptions>,
  ): [RunnableConfig, this["ParsedCallOptions"]] {
    const [config, callOptions] = super._separateRunnableConfigFromCallOptionsCompat(options);
    const run_id = runIdOf({ ...callOptions, ...config });
    return [config, { ...callOptions, configurable: { ...config.configurable, run_id } }];
  }
}
