import { z } from "zod";
import {
  completeCall,
  neededPolicies,
  streamCall,
  type CallInput,
  type CallKey,
  type CallServices,
  type RunScope,
} from "../call/index.ts";
import type {
  ChatRequest,
  Completion,
  CompletionChunk,
  CompletionRequest,
} from "../completions/index.ts";
import { documentedNames, fieldWarnings } from "../completions/request/field-warnings.ts";
import { completionRequestSchema, isOrdinary } from "../completions/request/completion-request.ts";
import { ArgumentError } from "../errors/index.ts";
import { nearestName } from "../errors/explain-issue.ts";
import { checkOptions, problemsOf, warnOnce } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import type { EventListener } from "../usage/index.ts";
import { configAround } from "./config-around.ts";
import {
  mergeRequestFields,
  readConfigurable,
  runIdOf,
  type RunConfigurable,
} from "./call-options.ts";
import { readHeaders } from "./read-headers.ts";
import type { RoleConfig } from "./role-config.ts";
import { callKey, journal } from "./call-options-schema.ts";

export interface CompletionOptions {
  /** The role whose model, fallbacks, limits and request fields apply. @defaultValue the general model's */
  readonly agentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Headers of this call's requests. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The run that the call belongs to. @defaultValue a new one */
  readonly runId?: string | undefined;
  /** @defaultValue `TRACE_ID`, or else the run's id */
  readonly traceId?: string | undefined;
  /** The client's key that the call is made for: its budget and roles apply, and the record names it. */
  readonly key?: CallKey | undefined;
  /** Receives the call's events. */
  readonly onEvent?: EventListener | undefined;
  readonly journal?: RunConfigurable["journal"];
  /** The position of the call in its run, for the journal. */
  readonly step?: string | undefined;
  /**
   * Whether a whole answer may be streamed from upstream, which shows its first token and its pauses.
   * The answer is then assembled, and is not the server's own document.
   *
   * @defaultValue `false`
   */
  readonly streamUpstream?: boolean | undefined;
  /**
   * Whether `jsonOf()` of `@orchestra/core/extend` returns the JSON of the answer, or of each chunk, as the
   * server sent it, if it needed no change.
   *
   * @defaultValue `false`
   */
  readonly keepsJson?: boolean | undefined;
}

const optionsFields = {
  agentType: input.id,
  signal: input.signal,
  headers: input.object,
  runId: input.id,
  traceId: input.traceId,
  key: callKey,
  onEvent: input.callback,
  journal,
  step: input.step,
  streamUpstream: z.lazy(() => z.boolean()),
  keepsJson: z.lazy(() => z.boolean()),
} satisfies Record<keyof CompletionOptions, z.ZodType>;

/** Selects the role that a call is of; `model` is an id that the request names. */
export type SelectRole = (agentType: string | undefined, model: string | undefined) => RoleConfig;

/**
 * Chat completions without LangChain's messages: a request and an answer as JSON, through the same
 * retries, fallbacks, limits, budgets and records as every other call.
 *
 * @example
 * ```ts
 * const completion = await orchestra.completions.create(
 *   { messages: [{ role: "user", content: "Hello" }] },
 *   { agentType: "researcher" },
 * );
 * ```
 */
export class Completions {
  readonly #select: SelectRole;

  constructor(select: SelectRole) {
    if (typeof select !== "function") {
      throw ArgumentError.of(
        "new Completions(): select",
        select,
        "a function that selects the role of a call",
      );
    }
    this.#select = select;
  }

  /**
   * Makes a call. The answer is returned as the server sent it, if nothing had to change.
   *
   * A stream resolves at its first token. At a chunk with `restart`, discard the earlier text.
   *
   * @throws {ArgumentError} for an invalid request or invalid options, before anything is sent
   * @throws {CallFailedError} when retries and fallbacks are used up
   * @throws {StreamInterruptedError} while reading a stream that broke
   * @throws the signal's reason on an abort
   */
  create(
    request: CompletionRequest & { readonly stream: true },
    options?: CompletionOptions,
  ): Promise<AsyncIterable<CompletionChunk>>;
  create(
    request: CompletionRequest & { readonly stream?: false | null | undefined },
    options?: CompletionOptions,
  ): Promise<Completion>;
  create(
    request: CompletionRequest,
    options?: CompletionOptions,
  ): Promise<Completion | AsyncIterable<CompletionChunk>>;
  async create(
    request: CompletionRequest,
    options: CompletionOptions = {},
  ): Promise<Completion | AsyncIterable<CompletionChunk>> {
    if (!isOrdinary(request)) checkRequest(request);
    checkOptions(optionsFields, options, "completions.create()");
    const config = this.#select(options.agentType, request.model);
    const { plan } = config;
    const input = inputOf(request, options, config);
    const policies = neededPolicies(config.policies, plan, input.scope.key);
    if (request.stream) return streamCall(policies, plan, input);
    return (await completeCall(policies, plan, input)).completion;
  }
}

/** @throws {ArgumentError} with the problems; probable mistakes are warned of */
function checkRequest(request: CompletionRequest): void {
  if (!completionRequestSchema.safeParse(request).success) {
    const problems = problemsOf(completionRequestSchema, request, "request") + meant(request);
    throw new ArgumentError(`completions.create(): ${problems}`);
  }
  checkRoleIsOption(request);
  for (const warning of fieldWarnings(request, "request")) {
    warnOnce(`completions.create(): ${warning}`);
  }
}

/** The field that the caller probably meant as the messages, if there are none. */
function meant(request: unknown): string {
  const fields = Object.keys(Object(request) as object);
  if (fields.includes("messages")) return "";
  const near = fields.find((name) => nearestName(name, ["messages"]) !== undefined);
  return near === undefined ? "" : `; request.${near} is not known (did you mean messages?)`;
}

/** The role in the request would be sent to the server, which ignores it. */
function checkRoleIsOption(request: CompletionRequest): void {
  const field = Object.keys(request).find(
    (name) => !Object.hasOwn(documentedNames, name) && nearestName(name, ["agentType"]),
  );
  if (field === undefined) return;
  throw new ArgumentError(
    `completions.create(): request.${field} is not a field of a request. Name the role in the options, the second argument: { agentType: "researcher" }`,
  );
}

function inputOf(
  request: CompletionRequest,
  options: CompletionOptions,
  { plan, request: defaults }: RoleConfig,
): CallInput {
  const { signal, journal: kept, step, streamUpstream = false, keepsJson, headers } = options;
  // The newer name for the same limit: a request may contain only one of the two.
  const { max_tokens, ...others } = defaults;
  const limit = request.max_completion_tokens === undefined ? { max_tokens } : {};
  const { model } = plan.routes[0];
  return {
    signal,
    journal: kept,
    step,
    request: { ...mergeRequestFields(others, limit, request), model } as unknown as ChatRequest,
    scope: scopeOf(options, plan.services),
    streamUpstream,
    keepsJson,
    headers: readHeaders(headers, "completions.create()"),
  };
}

/** The run of a call without LangChain's config: in a node or a tool, that of the current invocation. */
export function scopeOf(
  {
    runId,
    traceId,
    key,
    onEvent,
  }: Pick<CompletionOptions, "runId" | "traceId" | "key" | "onEvent">,
  services: Pick<CallServices, "createId" | "traceId">,
): RunScope {
  const config = configAround();
  const { trace_id, parent_id, on_event, models, key: ofRun, user } = readConfigurable(config);
  const isOneCall = runId === undefined && config === undefined;
  const id = runId ?? (isOneCall ? services.createId() : runIdOf(config));
  return {
    runId: id,
    traceId: traceId ?? trace_id ?? services.traceId ?? id,
    isOneCall,
    parentId: parent_id,
    onEvent: onEvent ?? on_event,
    models,
    key: key ?? ofRun,
    user,
  };
}
