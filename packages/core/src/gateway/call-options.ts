import { randomUUID } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { z } from "zod";
import type { CallServices } from "../call/index.ts";
import { madeRuns } from "../call/open-runs.ts";
import type { RequestFields } from "../completions/index.ts";
import { fieldWarnings } from "../completions/request/field-warnings.ts";
import { requestFieldsSchema } from "../completions/request/openrouter-request.ts";
import { checkInput, warnOnce } from "../input/check-input.ts";
import { stepOf } from "../journal/index.ts";
import { callInput, callOptions, checkName, knownNames, wireNames } from "./call-options-schema.ts";
import type {
  CallExtras,
  RoleModelCallOptions,
  RunConfigurable,
} from "./role-model-call-options.ts";

export type * from "./role-model-call-options.ts";

export function readConfigurable(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): RunConfigurable {
  return (config?.configurable ?? {}) as RunConfigurable;
}

/** Objects that LangGraph passes to all code in one invocation, under its own names. */
interface GraphConfig extends RunnableConfig {
  readonly writer?: object;
  readonly configurable?: RunConfigurable & {
    readonly __pregel_abort_signals?: { readonly externalAbortSignal?: object };
  };
}

/** Run ids by the objects that the configs of one invocation share. */
const runIds = new WeakMap<object, string>();

/**
 * The id of the run that a config belongs to: `run_id` in `configurable`, or else one id for
 * everything in one invocation of a graph or of a chain, including nested graphs.
 *
 * @param config - The config that LangGraph and LangChain pass to a node, a tool or a runnable.
 * @returns a new id for a config that belongs to no invocation
 *
 * @example
 * ```ts
 * console.log(orchestra.ledger.run(runIdOf(config)).costUsd);
 * ```
 */
export function runIdOf(config: RunnableConfig | undefined): string {
  const { writer, configurable, metadata, tags, callbacks } = (config ?? {}) as GraphConfig;
  if (configurable?.run_id !== undefined) return configurable.run_id;
  const shared: object[] = [];
  // LangGraph creates both for each invocation; a tool or a lambda may have only the signal.
  for (const object of [configurable?.__pregel_abort_signals?.externalAbortSignal, writer]) {
    if (object) shared.push(object);
  }
  // LangChain copies a config and keeps the objects in it. An object with content may be the caller's, who
  // may use it again.
  for (const object of [metadata, tags]) {
    if (shared.length === 0 && object && Object.keys(object).length === 0) shared.push(object);
  }
  let id: string | undefined;
  for (const object of shared) id ??= runIds.get(object);
  id ??= (callbacks as { readonly _parentRunId?: string } | undefined)?._parentRunId;
  id ??= randomUUID();
  for (const object of shared) runIds.set(object, id);
  if (madeRuns.areNeeded) madeRuns.ids.set(id, true, { size: 1 });
  return id;
}

/** The fields of {@link callOptions}, from the first call on. */
let optionShape: Readonly<Record<string, z.ZodType>> | undefined;

/**
 * Checks a call before anything is sent.
 *
 * @throws {ArgumentError} for input that is not a message, and for invalid options
 */
export function checkCall(input: unknown, options: object | undefined): void {
  let isUsual = typeof input === "string" || (Array.isArray(input) && input.length > 0);
  if (Array.isArray(input)) {
    for (const message of input) isUsual &&= typeof message === "object" && message !== null;
  }
  if (!isUsual && !callInput.safeParse(input).success) {
    checkInput(callInput, input, "The call", "input");
  }
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    checkInput(callOptions, options, "The call");
  }
  // Field by field: a schema of all fields would read those that a call does not have, and make a copy.
  optionShape ??= callOptions.unwrap().shape;
  for (const name in options) {
    const schema = Object.hasOwn(optionShape, name) && optionShape[name];
    if (schema && !schema.safeParse(options[name as never]).success) {
      checkInput(callOptions, options, "The call");
    }
    if (!knownNames.has(name)) checkName(name);
  }
}

/** The fields of the request that a call sets by its options. */
export function requestFieldsOf(options: object | undefined): Record<string, unknown> {
  if (!options) return {};
  const fields: Record<string, unknown> = {};
  for (const name in options) {
    const field = wireNames.get(name);
    const value = field && (options as Readonly<Record<string, unknown>>)[name];
    if (field !== undefined && value !== undefined) fields[field] = value;
  }
  const own = { ...fields, ...(options as RoleModelCallOptions).request };
  if (Object.keys(own).length === 0) return own;
  checkInput(requestFieldsSchema, own, "The call", "request");
  for (const warning of fieldWarnings(own, "request")) warnOnce(`The call: ${warning}`);
  return own;
}

/**
 * The call options with the call itself, by which it reaches `completionWithRetry`: LangChain passes
 * a call option named `options` on to the request.
 */
export function withCall<Options extends Omit<RoleModelCallOptions, keyof RunnableConfig>>(
  options: Options,
  services: CallServices,
  { onText, history }: Pick<CallExtras, "onText" | "history">,
): Options {
  const configurable = ((options as RunnableConfig).configurable ?? {}) as RunConfigurable;
  const { journal, step = journal ? stepOf({ configurable }) : undefined } = configurable;
  const { run_id: runId = services.createId(), trace_id, parent_id, on_event } = configurable;
  const { models, key, user } = configurable;
  const traceId = trace_id ?? services.traceId ?? runId;
  const scope = { runId, traceId, parentId: parent_id, onEvent: on_event, models, key, user };
  const call = { scope, journal, step, onText, outputSchema: options.outputSchema, history };
  return { ...options, options: { ...options.options, call } };
}

/**
 * Merges the fields of a request: later layers have precedence. `provider` is merged field by field, so a call that sets
 * `order` keeps the account's `data_collection`.
 */
export function mergeRequestFields(
  ...layers: readonly Readonly<Record<string, unknown>>[]
): RequestFields {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const field in layer) {
      const value = layer[field];
      if (value === undefined) continue;
      const before = merged[field];
      merged[field] = field === "provider" && before && value ? { ...before, ...value } : value;
    }
  }
  return merged;
}
