import type { ChatOpenAIFields } from "@langchain/openai";
import { z } from "zod";
import { documentedFields } from "../completions/request/openrouter-request.ts";
import type { Timeouts } from "../call/index.ts";
import { httpUrl, key, model } from "../settings/schemas.ts";
import { checkInput } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import type { RoleOptions } from "../gateway/role-options.ts";
import type { RetryPolicy } from "../resilience/index.ts";

/** Options of a role's model: every option of `ChatOpenAI`, and Orchestra's own. */
export interface RoleModelOptions extends Omit<ChatOpenAIFields, "model">, RoleOptions {}

/** The options of LangChain's `withRetry`, and every field of our policy. */
export interface RetryFields extends Partial<RetryPolicy> {
  readonly stopAfterAttempt?: number;
  /** Accepted for LangChain's signature; retries are events and log lines here. */
  readonly onFailedAttempt?: unknown;
}

export const timeouts = z.lazy(() =>
  z.strictObject({
    attemptMs: input.durationMs.optional(),
    firstTokenMs: input.durationMs.optional(),
    stallMs: input.durationMs.optional(),
    callMs: input.durationMs.optional(),
    readerMs: input.durationMs.optional(),
  } satisfies Record<keyof Timeouts, z.ZodType>),
);

/** Higher goes first. */
export const priority = z.number();

/** ChatOpenAI's own value for "no limit" is -1. */
const maxTokens = z.lazy(() =>
  z
    .union([z.literal(-1), input.positiveCount], {
      error: "must be a whole number above 0",
    })
    .optional(),
);

/** Every option of `ChatOpenAI`, which checks none of them, and Orchestra's own. */
export const roleModelOptions = z.lazy(() => {
  const any = z.unknown().optional();
  const { temperature, top_p, frequency_penalty, presence_penalty } = documentedFields();
  return z.strictObject({
    model: model.optional(),
    request: any,
    timeouts: timeouts.optional(),
    priority: priority.optional(),
    temperature,
    topP: top_p,
    frequencyPenalty: frequency_penalty,
    presencePenalty: presence_penalty,
    maxTokens,
    maxCompletionTokens: maxTokens,
    maxRetries: input.wholeFrom(0).optional(),
    timeout: input.durationMs.optional(),
    streaming: z.boolean().optional(),
    streamUsage: z.boolean().optional(),
    configuration: z
      .looseObject({
        baseURL: httpUrl.nullish(),
        fetch: input.callback.nullish(),
        defaultHeaders: input.object.nullish(),
        defaultQuery: input.object.nullish(),
      })
      .optional(),
    __includeRawResponse: any,
    apiKey: key.optional(),
    audio: any,
    cache: any,
    callbackManager: any,
    callbacks: any,
    completions: any,
    disableStreaming: any,
    logitBias: any,
    logprobs: any,
    maxConcurrency: any,
    metadata: any,
    modalities: any,
    modelKwargs: any,
    modelName: any,
    n: any,
    onFailedAttempt: any,
    openAIApiKey: key.optional(),
    outputVersion: any,
    prefixMessages: any,
    promptCacheKey: any,
    promptCacheOptions: any,
    promptCacheRetention: any,
    reasoning: any,
    responses: any,
    service_tier: any,
    stop: any,
    stopSequences: any,
    supportsStrictToolCalling: any,
    tags: any,
    topLogprobs: any,
    useResponsesApi: any,
    user: any,
    verbose: any,
    verbosity: any,
    zdrEnabled: any,
  } satisfies Record<keyof RoleModelOptions, z.ZodType>);
});

const retryFields = z.lazy(() =>
  z.strictObject({
    stopAfterAttempt: input.wholeFrom(1).optional(),
    maxAttempts: input.wholeFrom(1).optional(),
    initialIntervalMs: z.number().min(0, "must be 0 or more").optional(),
    maxIntervalMs: z.number().min(0, "must be 0 or more").optional(),
    backoffFactor: z.number().min(1, "must be 1 or more").optional(),
    retryOn: z.instanceof(Set).optional(),
    onFailedAttempt: z.unknown().optional(),
  } satisfies Record<keyof RetryFields, z.ZodType>),
);

/**
 * A retry policy with the changes of `withRetry()`.
 *
 * @throws {ArgumentError} for invalid fields
 */
export function retryPolicyWith(own: RetryPolicy, fields: RetryFields): RetryPolicy {
  checkInput(retryFields, fields, "withRetry()", "fields");
  const { stopAfterAttempt, onFailedAttempt: _, ...policy } = fields;
  const maxAttempts = stopAfterAttempt ?? policy.maxAttempts ?? own.maxAttempts;
  return { ...own, ...policy, maxAttempts };
}
