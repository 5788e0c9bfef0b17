import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { ChatOpenAI } from "@langchain/openai";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import type {
  Completion,
  CompletionChunk,
  CompletionRequest,
  Fallback,
  Orchestra,
  ProviderRouting,
  RetryFields,
  RoleModel,
  RoleModelCallOptions,
  Route,
} from "../index.ts";
import type { RoleModelWithFallbacks, RoleModelWithRetry } from "./index.ts";

declare const orchestra: Orchestra;
declare const model: RoleModel;
declare const route: Route;

// A role model is accepted wherever a ChatOpenAI is.
expectTypeOf(model).toExtend<ChatOpenAI<RoleModelCallOptions>>();
expectTypeOf(model.withConfig({ temperature: 0, tags: ["a"] })).toEqualTypeOf<RoleModel>();
expectTypeOf(model.with({ delivery: "buffered" })).toEqualTypeOf<RoleModel>();
expectTypeOf(model.withRetry({ stopAfterAttempt: 2 })).toEqualTypeOf<RoleModelWithRetry>();
expectTypeOf(model.withRetry().withRetry({ maxAttempts: 1 })).toEqualTypeOf<RoleModelWithRetry>();
expectTypeOf(model.withFallbacks([model, route])).toEqualTypeOf<RoleModelWithFallbacks>();
expectTypeOf(model.withFallbacks({ fallbacks: [model] })).toEqualTypeOf<RoleModelWithFallbacks>();
expectTypeOf(model.withRetry().withFallbacks([])).toEqualTypeOf<RoleModelWithFallbacks>();
expectTypeOf(model.bindTools([]).invoke("Hi")).resolves.toExtend<AIMessageChunk>();
expectTypeOf(model.withRetry().invoke("Hi")).resolves.toEqualTypeOf<AIMessageChunk>();
expectTypeOf(model.withFallbacks([]).invoke("Hi")).resolves.toEqualTypeOf<AIMessageChunk>();
expectTypeOf(model.withRetry().bindTools([])).toExtend<
  Runnable<BaseLanguageModelInput, AIMessageChunk>
>();
expectTypeOf(
  model.withStructuredOutput(z.object({ year: z.number() })).invoke("Hi"),
).resolves.toEqualTypeOf<{ year: number }>();
expectTypeOf<Runnable | Route>().toEqualTypeOf<Fallback>();
expectTypeOf<RetryFields["maxAttempts"]>().toEqualTypeOf<number | undefined>();

// @ts-expect-error A fallback is a chat model or a route.
model.withFallbacks(["openai/gpt-4o"]);
// @ts-expect-error This kind of error does not exist.
model.withRetry({ retryOn: new Set(["no_error"]) });
// @ts-expect-error A temperature is a number.
model.withConfig({ temperature: "hot" });
// @ts-expect-error A delivery is passthrough or buffered.
model.with({ delivery: "live" });

expectTypeOf<RoleModelCallOptions["provider"]>().toEqualTypeOf<
  ProviderRouting | null | undefined
>();
void orchestra.chat("Hi", { agent_type: "writer", maxTokens: 10, request: { top_a: 1 } });
void model.invoke("Hi", { provider: { order: ["OpenAI"] }, configurable: { run_id: "run-1" } });
// @ts-expect-error `order` is a list.
void model.invoke("Hi", { provider: { order: "OpenAI" } });
// @ts-expect-error A run id is a text.
void model.invoke("Hi", { configurable: { run_id: 7 } });

const { completions } = orchestra;
const messages = [{ role: "user", content: "Hi" }] as const;
declare const request: CompletionRequest;

expectTypeOf(completions.create({ messages })).resolves.toEqualTypeOf<Completion>();
expectTypeOf(completions.create({ messages, stream: false })).resolves.toEqualTypeOf<Completion>();
expectTypeOf(completions.create({ messages, stream: null })).resolves.toEqualTypeOf<Completion>();
expectTypeOf(
  completions.create({ messages, stream: true }, { agentType: "writer" }),
).resolves.toEqualTypeOf<AsyncIterable<CompletionChunk>>();
expectTypeOf(completions.create(request)).resolves.toEqualTypeOf<
  Completion | AsyncIterable<CompletionChunk>
>();
void completions.create({ messages, model: "a/b", any_field: [1] }, { runId: "run-1" });
// @ts-expect-error A request needs messages.
void completions.create({});
// @ts-expect-error A message needs a role that exists.
void completions.create({ messages: [{ role: "person", content: "Hi" }] });
// @ts-expect-error An unknown option is an error.
void completions.create({ messages }, { agent_type: "writer" });
