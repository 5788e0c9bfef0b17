import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk } from "@langchain/core/messages";
import { RunnableRetry, type RunnableBatchOptions } from "@langchain/core/runnables";
import type { RoleModel, RoleModelCallOptions, RetryFields } from "./role-model.ts";
import type { Fallback, RoleModelWithFallbacks } from "./with-fallbacks.ts";

type Options = Partial<RoleModelCallOptions>;

/**
 * What `roleModel.withRetry()` answers: a `RunnableRetry` whose model does the retrying itself.
 *
 * LangChain's own retries neither streams nor keeps its retries inside `createAgent`, which takes
 * the bound model out of it; here the policy lies in that model and goes with it.
 */
export class RoleModelWithRetry extends RunnableRetry<
  BaseLanguageModelInput,
  AIMessageChunk,
  RoleModelCallOptions
> {
  /** The model with its new policy. */
  readonly model: RoleModel;

  constructor(model: RoleModel) {
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

  override withFallbacks(
    fallbacks: readonly Fallback[] | { readonly fallbacks: readonly Fallback[] },
  ): RoleModelWithFallbacks {
    return this.model.withFallbacks(fallbacks);
  }

  bindTools(tools: BindToolsInput[], kwargs?: Options) {
    return this.model.bindTools(tools, kwargs);
  }
}
