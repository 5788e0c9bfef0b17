import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk } from "@langchain/core/messages";
import { RunnableRetry, type RunnableBatchOptions } from "@langchain/core/runnables";
import type { RoleModelCallOptions } from "../gateway/call-options.ts";
import type { RetryFields } from "./role-model-options.ts";
import type { Fallbacks, FallbackModel, RoleModelWithFallbacks } from "./with-fallbacks.ts";

type Options = Partial<RoleModelCallOptions>;

/** A chat model whose retry policy and fallbacks can be changed. */
interface RetryModel extends FallbackModel {
  withRetry(fields?: RetryFields): RoleModelWithRetry;
  withFallbacks(fallbacks: Fallbacks): RoleModelWithFallbacks;
}

/**
 * The result of `roleModel.withRetry()`: a `RunnableRetry` whose model makes the retries.
 *
 * LangChain's own wrapper does not retry streams, and `createAgent` takes the model out of it, without
 * its retries. Here the policy is in the model, and stays with it.
 */
export class RoleModelWithRetry extends RunnableRetry<
  BaseLanguageModelInput,
  AIMessageChunk,
  RoleModelCallOptions
> {
  /** The model with its new policy. */
  readonly model: RetryModel;

  constructor(model: RetryModel) {
    super({ bound: model, kwargs: {}, config: {} });
    this.model = model;
  }

  override invoke(input: BaseLanguageModelInput, options?: Options): Promise<AIMessageChunk> {
    return this.model.invoke(input, options);
  }

  override batch(
    inputs: BaseLanguageModelInput[],
    options?: Options | Options[],
    batchOptions?: RunnableBatchOptions,
  ): Promise<never> {
    return this.model.batch(inputs, options, batchOptions) as Promise<never>;
  }

  override withRetry(fields: RetryFields = {}): RoleModelWithRetry {
    return this.model.withRetry(fields);
  }

  override withFallbacks(fallbacks: Fallbacks): RoleModelWithFallbacks {
    return this.model.withFallbacks(fallbacks);
  }

  bindTools(tools: BindToolsInput[], kwargs?: Options) {
    return this.model.bindTools(tools, kwargs);
  }
}
