import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { OpenAIClient } from "@langchain/openai";
import type { CallInput, CallServices } from "../call/index.ts";
import type { ChatRequest, RequestFields } from "../completions/index.ts";
import { requestFieldsSchema } from "../completions/openrouter-request.ts";
import { checkInput } from "../input/check-input.ts";
import { stepOf } from "../journal/index.ts";
import { withKept } from "./provider-state.ts";
import { readHeaders } from "./read-headers.ts";
import { schemaOf } from "./structured-output.ts";
import { callInput, callOptions, checkName, knownNames } from "./call-options-schema.ts";
import type { RoleModelCallOptions, RunConfigurable } from "./role-model-call-options.ts";

export type { RoleModelCallOptions, RunConfigurable } from "./role-model-call-options.ts";

export function readConfigurable(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): RunConfigurable {
  return (config?.configurable ?? {}) as RunConfigurable;
}

/**
 * Checks a call before anything is sent.
 *
 * @throws {ArgumentError} for input that is no message, and for options that cannot work
 */
export function checkCall(input: unknown, options: object | undefined): void {
  if (typeof input !== "string" && !callInput.safeParse(input).success) {
    checkInput(callInput, input, "The call", "input");
  }
  if (options === undefined) return;
  if (!callOptions.safeParse(options).success) checkInput(callOptions, options, "The call");
  for (const name in options) if (!knownNames.has(name)) checkName(name);
}

/** Options of LangChain's style by the request's fields. */
const wireNames = new Map(
  Object.entries({
    temperature: "temperature",
    maxTokens: "max_tokens",
    topP: "top_p",
    frequencyPenalty: "frequency_penalty",
    presencePenalty: "presence_penalty",
    n: "n",
    logprobs: "logprobs",
    topLogprobs: "top_logprobs",
    logitBias: "logit_bias",
    user: "user",
    provider: "provider",
    models: "models",
    plugins: "plugins",
    reasoning: "reasoning",
    reasoning_effort: "reasoning_effort",
    top_p: "top_p",
    session_id: "session_id",
    trace: "trace",
    cache_control: "cache_control",
  }),
);

/** The fields of the request that a call sets by its options. */
export function requestFieldsOf(options: object | undefined): Record<string, unknown> {
  if (!options) return {};
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const field = wireNames.get(name);
    if (field !== undefined && value !== undefined) fields[field] = value;
  }
  const own = { ...fields, ...(options as RoleModelCallOptions).request };
  if (Object.keys(own).length > 0) checkInput(requestFieldsSchema, own, "The call", "request");
  return own;
}

/** What a call brings along beside its request. */
export interface CallExtras extends Omit<
  CallInput,
  "request" | "signal" | "headers" | "attemptMs"
> {
  /** LangChain's messages, where they have state that its conversion leaves out of the request. */
  readonly history?: readonly BaseMessage[] | undefined;
}

/** Request options of the OpenAI client, and the call that the request is of. */
export interface RequestOptions extends Omit<OpenAIClient.RequestOptions, "signal"> {
  readonly signal?: AbortSignal | null | undefined;
  readonly call?: CallExtras;
  /** LangChain hands the whole call options to a stream, and their `options` to a whole answer. */
  readonly options?: OpenAIClient.RequestOptions & { readonly call?: CallExtras };
}

export type LangChainCall = Pick<CallExtras, "onText" | "history"> & {
  readonly runManager: CallbackManagerForLLMRun | undefined;
};

/**
 * The call options with the call itself, by which it reaches `completionWithRetry`: LangChain passes
 * a call option named `options` on to the request. The run that a call belongs to is the one in
 * `configurable`, else the LangChain run around it.
 */
export function withCall<Options extends Omit<RoleModelCallOptions, keyof RunnableConfig>>(
  options: Options,
  services: CallServices,
  { runManager, onText, history }: LangChainCall,
): Options {
  const configurable = ((options as RunnableConfig).configurable ?? {}) as RunConfigurable;
  const { journal, step = journal ? stepOf({ configurable }) : undefined } = configurable;
  const { run_id, trace_id, on_event } = configurable;
  const parent = runManager as unknown as { _parentRunId?: string; runId?: string } | undefined;
  const runId = run_id ?? parent?._parentRunId ?? parent?.runId ?? services.createId();
  const scope = { runId, traceId: trace_id ?? services.traceId ?? runId, onEvent: on_event };
  const { outputSchema } = options;
  const call: CallExtras = { scope, journal, step, onText, outputSchema, history };
  return { ...options, options: { ...options.options, call } };
}

/** What one call asks for, from LangChain's request and the options of the client that it thinks it has. */
export function inputOf(
  request: ChatRequest,
  options: RequestOptions,
  services: CallServices,
): CallInput {
  const { headers, timeout } = options.options ?? options;
  const call = options.call ?? options.options?.call;
  const { history, ...extras } = call ?? { history: undefined };
  const runId = services.createId();
  const scope = { runId, traceId: services.traceId ?? runId, onEvent: undefined };
  return {
    scope,
    ...extras,
    request: history ? withKept(request, history) : request,
    signal: options.signal ?? undefined,
    headers: headers ? readHeaders(headers, "The call") : undefined,
    outputSchema: call?.outputSchema ?? schemaOf(request),
    ...(typeof timeout === "number" ? { attemptMs: timeout } : {}),
  };
}

/** LangChain's parameters with the fields of the role below them, and the call's own above them. */
export function withRequestFields<Params extends Readonly<Record<string, unknown>>>(
  params: Params,
  ofRole: RequestFields,
  ofCall: RequestFields,
): Params {
  const fields = mergeRequestFields(ofRole, params, ofCall) as Record<string, unknown>;
  if (!("max_completion_tokens" in params) || fields["max_tokens"] === undefined) {
    return fields as Params;
  }
  const { max_tokens, ...rest } = fields;
  return { max_completion_tokens: max_tokens, ...rest } as unknown as Params;
}

/**
 * Puts the fields of a request together: later ones win over earlier ones. Of `provider`, each field
 * by itself: a call that sets the order keeps what the account says of its data.
 */
export function mergeRequestFields(
  ...layers: readonly Readonly<Record<string, unknown>>[]
): RequestFields {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [field, value] of Object.entries(layer)) {
      if (value === undefined) continue;
      const before = merged[field];
      merged[field] =
        field === "provider" && isObject(before) && isObject(value)
          ? { ...before, ...value }
          : value;
    }
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
