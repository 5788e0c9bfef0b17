import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { BaseChatModel, type BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import { RunnableWithFallbacks, type Runnable } from "@langchain/core/runnables";
import type { Candidate } from "./candidate.ts";
import type { RoleModel, RoleModelCallOptions } from "./role-model.ts";

type Options = Partial<RoleModelCallOptions>;

/**
 * What `roleModel.withFallbacks()` answers: a `RunnableWithFallbacks` whose model does the falling
 * back itself, input by input, and which is still taken for a chat model where one is wanted.
 */
export class RoleModelWithFallbacks extends RunnableWithFallbacks<
  BaseLanguageModelInput,
  AIMessageChunk
> {
  /** The model with its fallbacks. */
  readonly model: RoleModel;

  constructor(model: RoleModel, fallbacks: readonly BaseChatModel[]) {
    super({ runnable: model, fallbacks: [...fallbacks] as RoleModel[] });
    this.model = model;
  }

  override invoke(input: BaseLanguageModelInput, options?: Options): Promise<AIMessageChunk> {
    return this.model.invoke(input, options);
  }

  override async *_streamIterator(
    input: BaseLanguageModelInput,
    options?: Options,
  ): AsyncGenerator<AIMessageChunk> {
    yield* await this.model.stream(input, options);
  }

  override batch(
    inputs: BaseLanguageModelInput[],
    options?: never,
    batchOptions?: never,
  ): Promise<never> {
    return this.model.batch(inputs, options, batchOptions) as Promise<never>;
  }

  /** With this and {@link bindTools}, `createAgent` takes the whole for the chat model that it is. */
  _streamResponseChunks(
    messages: BaseMessage[],
    options: never,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return this.model._streamResponseChunks(messages, options, runManager);
  }

  bindTools(tools: BindToolsInput[], kwargs?: Options) {
    return this.model.bindTools(tools, kwargs);
  }
}

/** What a role model can fall back on: a chat model of any kind, or a candidate that wraps one. */
export type Fallback = Runnable | Candidate;

/** The candidates that a fallback brings along. */
export function toCandidates(fallback: Fallback): readonly Candidate[] {
  if ("chat" in fallback) return [fallback];
  const model = unwrap(fallback);
  if (isRoleModel(model)) return model.fields.candidates;
  if (!(model instanceof BaseChatModel)) {
    throw new TypeError(
      `A role model falls back on chat models; ${model.getName()} is none. Bind tools to the role model instead of its fallbacks.`,
    );
  }
  const abilities = { answerMethod: "functionCalling", isFree: false } as const;
  const { model: id, maxTokens } = model as unknown as { model?: string; maxTokens?: number };
  return [
    {
      chat: model,
      model: id ?? model.getName(),
      via: "direct",
      isOfAccount: false,
      maxTokens: maxTokens ?? 4096,
      provider: model.getName(),
      streamsWhole: false,
      abilities: () => Promise.resolve(abilities),
      known: () => abilities,
    },
  ];
}

function unwrap(fallback: Runnable): Runnable {
  const { model } = fallback as { model?: unknown };
  return model instanceof BaseChatModel ? model : fallback;
}

function isRoleModel(model: Runnable): model is Runnable & RoleModel {
  const { fields } = model as { fields?: object };
  return fields !== undefined && "candidates" in fields;
}
