import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { ChatOpenAICallOptions } from "@langchain/openai";
import type { CallInput, CallServices } from "../call/index.ts";
import type { OutputSchema, RequestFields } from "../completions/index.ts";
import { stepOf, type Journal } from "../journal/index.ts";
import type { EventListener } from "../usage/index.ts";

/**
 * What one run hands down to every call made in it, in `configurable`, LangChain's own channel for
 * such things.
 */
export interface RunConfigurable {
  /** Selects the model of a role, at the general model. */
  readonly agent_type?: string;
  /** @defaultValue the id of the LangChain run that the call is part of */
  readonly run_id?: string;
  /** @defaultValue `TRACE_ID`, else the run's id */
  readonly trace_id?: string;
  /** Receives the events of this run. */
  readonly on_event?: EventListener;
  /** Stores calls and tool calls, so that a run that continues after a crash does not repeat them. */
  readonly journal?: Journal;
  /**
   * Where in the run a call belongs; part of its entry in the journal, and of its tools' idempotency
   * keys.
   *
   * @defaultValue the LangGraph node around the outermost agent, by its task; `""` outside a graph
   */
  readonly step?: string;
  /** Whether the run waits for a person before it executes, in pipelines that know how to. @defaultValue `false` */
  readonly approval?: boolean;
}

export function readConfigurable(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): RunConfigurable {
  return (config?.configurable ?? {}) as RunConfigurable;
}

/** Request fields that a call may set by their names on the wire. */
type WireOptions = Pick<
  RequestFields,
  | "provider"
  | "models"
  | "plugins"
  | "top_p"
  | "session_id"
  | "trace"
  | "cache_control"
  | "reasoning_effort"
>;

/** Call options of a role model: all of `ChatOpenAI`'s, and every field of a request. */
export interface RoleModelCallOptions extends ChatOpenAICallOptions, WireOptions {
  /** Sampling options of this call, over those of the role. */
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly n?: number | undefined;
  readonly logprobs?: boolean | undefined;
  readonly topLogprobs?: number | undefined;
  readonly logitBias?: Record<string, number> | undefined;
  /** Id of the end user. */
  readonly user?: string | undefined;
  /** Any field of the request, by its name on the wire. */
  readonly request?: RequestFields | undefined;
  /** The shape that the answer must have. */
  readonly outputSchema?: OutputSchema | undefined;
  readonly configurable?: RunConfigurable & Record<string, unknown>;
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
  return { ...fields, ...(options as RoleModelCallOptions).request };
}

/** What a call brings along beside its request. */
export interface CallExtras extends Omit<
  CallInput,
  "request" | "signal" | "headers" | "attemptMs"
> {
  /** LangChain's messages, where they have state that its conversion leaves out of the request. */
  readonly history?: readonly BaseMessage[] | undefined;
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
  const configurable = readConfigurable(options as RunnableConfig);
  const { journal, step = journal ? stepOf({ configurable }) : undefined } = configurable;
  const { run_id, trace_id, on_event } = configurable;
  const parent = runManager as unknown as { _parentRunId?: string; runId?: string } | undefined;
  const runId = run_id ?? parent?._parentRunId ?? parent?.runId ?? services.createId();
  const scope = { runId, traceId: trace_id ?? services.traceId ?? runId, onEvent: on_event };
  const { outputSchema } = options;
  const call: CallExtras = { scope, journal, step, onText, outputSchema, history };
  return { ...options, options: { ...options.options, call } };
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
