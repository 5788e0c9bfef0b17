import type { BaseMessage } from "@langchain/core/messages";
import type { ChatOpenAICallOptions, OpenAIClient } from "@langchain/openai";
import type { CallInput, CallKey } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";
import type { OutputSchema } from "../completions/schemas/index.ts";
import type { Journal } from "../journal/index.ts";
import type { EventListener } from "../usage/index.ts";

/**
 * Options of a run that apply to every call in it. They are passed in `configurable`, LangChain's own channel for
 * this.
 */
export interface RunConfigurable {
  /** Selects the model of a role, at the general model. */
  readonly agent_type?: string;
  /** @defaultValue one for each invocation of a graph or of a chain; `runIdOf(config)` returns it */
  readonly run_id?: string;
  /** @defaultValue `TRACE_ID`, or else the run's id */
  readonly trace_id?: string;
  /**
   * The parent of the run, for the `parentId` of its events; agents and tools set their own below it. A
   * `traceparent` (W3C Trace Context) adds the run's spans to that trace.
   */
  readonly parent_id?: string;
  /** Receives the events of this run. */
  readonly on_event?: EventListener;
  /** Stores calls and tool calls, so that a run that continues after a crash does not repeat them. */
  readonly journal?: Journal;
  /**
   * The position of a call in its run; part of its entry in the journal, and of its tools' idempotency
   * keys.
   *
   * @defaultValue the LangGraph node of the outermost agent, with its task; `""` outside a graph
   */
  readonly step?: string;
  /**
   * Models by role, for this run only. Each has precedence over the role's own model; the role's fallbacks stay.
   *
   * @example `{ executor: "openai/gpt-4o" }`
   */
  readonly models?: Readonly<Record<string, string>>;
  /** The client's key that the run is made for: its budget, roles and models apply, and records name it. */
  readonly key?: CallKey;
  /** The end user of the run, for records. @defaultValue the field `user` of a call's request */
  readonly user?: string;
  /** Whether the run waits for a person before it executes, in pipelines that support it. @defaultValue `false` */
  readonly approval?: boolean;
}

/** Request fields that a call may set, by their names on the wire. */
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
  /** Sampling options of this call, which replace those of the role. */
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
  /** The schema of the answer. */
  readonly outputSchema?: OutputSchema | undefined;
  readonly configurable?: RunConfigurable & Record<string, unknown>;
}

/** Data of a call in addition to its request. */
export interface CallExtras extends Omit<
  CallInput,
  "request" | "signal" | "headers" | "attemptMs"
> {
  /** LangChain's messages, if they have state that its conversion omits from the request. */
  readonly history?: readonly BaseMessage[] | undefined;
}

/** Request options of the OpenAI client, and the call of the request. */
export interface RequestOptions extends Omit<OpenAIClient.RequestOptions, "signal"> {
  readonly signal?: AbortSignal | null | undefined;
  readonly call?: CallExtras;
  /** LangChain passes the whole call options to a stream, and only their `options` to a whole answer. */
  readonly options?: OpenAIClient.RequestOptions & { readonly call?: CallExtras };
}
