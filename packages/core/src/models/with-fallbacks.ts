import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { BaseChatModel, BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import { RunnableWithFallbacks, type Runnable } from "@langchain/core/runnables";
import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { expected } from "../errors/explain-issue.ts";
import { checkInput } from "../input/check-input.ts";
import { chatModelRoute } from "../routes/chat-model-route.ts";
import type { Route } from "../routes/index.ts";
import type { RoleModelCallOptions } from "../gateway/call-options.ts";
import type { RoleConfig } from "../gateway/role-config.ts";

type Options = Partial<RoleModelCallOptions>;

/** The chat model inside the wrapper. */
export interface FallbackModel extends BaseChatModel<RoleModelCallOptions> {
  bindTools(
    tools: BindToolsInput[],
    options?: Options,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, RoleModelCallOptions>;
}

/**
 * The result of `roleModel.withFallbacks()`: a `RunnableWithFallbacks` whose model falls back by
 * itself, for each input, and which is still accepted as a chat model.
 */
export class RoleModelWithFallbacks<
  Model extends FallbackModel = FallbackModel,
> extends RunnableWithFallbacks<BaseLanguageModelInput, AIMessageChunk> {
  /** The model with its fallbacks. */
  readonly model: Model;

  constructor(model: Model, fallbacks: readonly Fallback[]) {
    super({ runnable: model, fallbacks: [...fallbacks] as never });
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

  /** With this and {@link bindTools}, `createAgent` accepts the wrapper as a chat model. */
  _streamResponseChunks(
    messages: BaseMessage[],
    options: never,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return this.model._streamResponseChunks(messages, options, runManager);
  }

  bindTools(tools: BindToolsInput[], kwargs?: Options): ReturnType<Model["bindTools"]> {
    return this.model.bindTools(tools, kwargs) as ReturnType<Model["bindTools"]>;
  }
}

/** A possible fallback of a role model: a chat model of any kind, or a route. */
export type Fallback = Runnable | Route;

const fallbackSchema = z.custom<Fallback>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ("sendCompletion" in value || "getName" in value),
  { error: expected("a chat model") },
);

const list = z.lazy(() => z.array(z.unknown()));

const fallbackList = z.lazy(() =>
  z.union([list, z.object({ fallbacks: list })], {
    error: expected("a list of chat models"),
  }),
);

/** The parameter of `withFallbacks()`. */
export type Fallbacks = readonly Fallback[] | { readonly fallbacks: readonly Fallback[] };

/** @throws {ArgumentError} for a value that is not a list */
export function fallbacksOf(fallbacks: Fallbacks): readonly Fallback[] {
  checkInput(fallbackList, fallbacks, "withFallbacks()", "fallbacks");
  return "fallbacks" in fallbacks ? fallbacks.fallbacks : fallbacks;
}

/** The routes of a fallback. */
export function toRoutes(fallback: Fallback): readonly Route[] {
  checkInput(fallbackSchema, fallback, "withFallbacks()", "fallback");
  if ("sendCompletion" in fallback) return [fallback];
  const model = unwrap(fallback);
  const { config } = model as { readonly config?: Partial<RoleConfig> };
  if (config?.plan) return config.plan.routes;
  if (isChatModel(model)) return [chatModelRoute(model)];
  throw new ArgumentError(
    `${model.getName()} is not a chat model (withFallbacks): expected chat models. Bind tools to the role model instead of its fallbacks.`,
  );
}

function unwrap(fallback: Runnable): Runnable {
  const { model } = fallback as { readonly model?: unknown };
  return isChatModel(model) ? model : fallback;
}

/** Checked by properties of LangChain's chat models: a package manager may install two copies of it. */
function isChatModel(value: unknown): value is BaseChatModel {
  const { _modelType: type } = Object(value) as Partial<BaseChatModel>;
  return typeof type === "function" && type.call(value) === "base_chat_model";
}
