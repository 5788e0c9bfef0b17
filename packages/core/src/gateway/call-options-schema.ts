import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { shortened } from "../errors/bounded.ts";
import { expected, nearestName } from "../errors/explain-issue.ts";
import * as input from "../input/schemas.ts";
import type { RoleModelCallOptions, RunConfigurable } from "./role-model-call-options.ts";

export const journal = input.withMethods("a journal such as new MemoryJournal()", "claim");

/** Tools in every form that LangChain accepts. */
export const toolList = z.lazy(() =>
  z.array(
    z.union([input.object, input.callback], {
      error: expected("a tool, as tool() of @langchain/core/tools makes it"),
    }),
  ),
);

const usd = z.lazy(() => z.number().min(0).finite().optional());

/** The key of a client, and its permissions. */
export const callKey = z.lazy(() =>
  z.object({
    id: input.id,
    name: z.string(),
    budget: z.object({ usdPerDay: usd, usdPerMonth: usd, usdTotal: usd }).optional(),
    roles: z.array(input.id).optional(),
    models: z.array(input.id).optional(),
  }),
);

/** The fields of `configurable` that every run passes down. */
const configurable = z.lazy(() =>
  z.object({
    agent_type: input.id.optional(),
    run_id: input.id.optional(),
    trace_id: input.traceId.optional(),
    parent_id: input.id.optional(),
    on_event: input.callback.optional(),
    journal: journal.optional(),
    step: input.step.optional(),
    approval: z.boolean().optional(),
    models: z.record(input.id, input.id).optional(),
    key: callKey.optional(),
    user: input.id.optional(),
  } satisfies Record<keyof RunConfigurable, z.ZodType>),
);

const runFields = () => ({
  signal: input.signal.nullish(),
  timeout: input.durationMs.optional(),
  configurable: configurable.optional(),
});

/** The part of LangChain's config that a run relies on. */
export const runConfig = z.lazy(() => z.object(runFields()));

const madeSchema = { error: expected("what withStructuredOutput() makes of a schema") };
const method = z.instanceof(Function, madeSchema);

/** Checked by its methods: to import the class would load LangChain. */
const outputSchema = z.lazy(() => z.object({ ask: method, read: method }, madeSchema));

/** The call options that no schema of request fields checks. */
export const callOptions = z.lazy(() =>
  z.object({
    ...runFields(),
    tools: toolList.nullish(),
    options: input.object.nullish(),
    request: input.object.nullish(),
    outputSchema: outputSchema.nullish(),
  }),
);

/** Values that LangChain converts to messages. */
export const callInput = z.lazy(() =>
  z.union(
    [
      z.string(),
      z.array(z.union([z.object({}), z.string(), z.array(z.unknown())])).min(1),
      input.withMethods("a prompt value", "toChatMessages"),
    ],
    {
      error: expected("a text, a list of messages that is not empty, or a prompt value"),
    },
  ),
);

/** Every option of a call. */
const names = [
  ...Object.keys({
    audio: true,
    cache_control: true,
    callbacks: true,
    configurable: true,
    frequencyPenalty: true,
    function_call: true,
    functions: true,
    include: true,
    logitBias: true,
    logprobs: true,
    ls_structured_output_format: true,
    maxConcurrency: true,
    maxRetries: true,
    maxTokens: true,
    metadata: true,
    modalities: true,
    models: true,
    n: true,
    options: true,
    outputSchema: true,
    outputVersion: true,
    parallel_tool_calls: true,
    plugins: true,
    prediction: true,
    presencePenalty: true,
    previous_response_id: true,
    promptCacheKey: true,
    promptCacheOptions: true,
    promptCacheRetention: true,
    promptIndex: true,
    provider: true,
    reasoning: true,
    reasoningEffort: true,
    reasoning_effort: true,
    recursionLimit: true,
    request: true,
    response_format: true,
    runId: true,
    runName: true,
    seed: true,
    service_tier: true,
    session_id: true,
    signal: true,
    stop: true,
    stream_options: true,
    strict: true,
    tags: true,
    temperature: true,
    text: true,
    timeout: true,
    tool_choice: true,
    tools: true,
    topLogprobs: true,
    topP: true,
    top_p: true,
    trace: true,
    truncation: true,
    user: true,
    verbosity: true,
  } satisfies Record<keyof RoleModelCallOptions, true>),
  "agent_type",
];

/** Names of options, and of fields that LangChain and LangGraph pass to every runnable. */
export const knownNames = new Set([...names, "store", "writer", "context", "interrupt", "control"]);

/** Request fields, by the names of LangChain's options. */
export const wireNames = new Map(
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

const maxKnownNames = 1000;

/**
 * Handles an unknown option. LangChain's callers pass their own options to every model, so
 * only a name that is similar to an option is refused.
 *
 * @throws {ArgumentError} for a misspelt name
 */
export function checkName(name: string): void {
  if (name === "model") {
    throw new ArgumentError(
      "The call: options.model has no effect. Choose the model by orchestra.modelFor(role, { model }), or by agent_type.",
    );
  }
  const nearest = nearestName(name, names);
  if (nearest !== undefined) {
    throw new ArgumentError(
      `The call: options has unknown fields: ${shortened(name, 80)} (did you mean ${nearest}?)`,
    );
  }
  if (knownNames.size < maxKnownNames) knownNames.add(name);
}
