import type { ErrorKind } from "../errors/error-kinds.ts";
import type { CallOrigin, CallRecord, Via } from "./call-record.ts";
import type { UnknownAttempts, Usage } from "./usage.ts";

/** The parent of an event of a model call. */
interface OfCall {
  readonly runId: string;
  readonly callId: string;
  /** As that of `agent-start`. */
  readonly parentId?: string;
  readonly role: string;
}

/** The events of agents, calls and runs, emitted when they happen. For displays, logs and storage. */
export type OrchestraEvent =
  | ({
      readonly type: "attempt-start";
      readonly attempt: number;
      readonly model: string;
      readonly via: Via;
    } & OfCall)
  | ({
      /**
       * A piece of an answer in text. A later attempt starts the answer again: discard the text of earlier
       * attempts.
       */
      readonly type: "text-delta";
      readonly attempt: number;
      readonly text: string;
    } & OfCall)
  | ({
      /** The part of an answer with an output schema that has arrived. Each event replaces the earlier ones. */
      readonly type: "object-delta";
      readonly attempt: number;
      /** The object or the list so far; its last text may be incomplete. It is not yet validated. */
      readonly partial: object;
    } & OfCall)
  | ({
      readonly type: "retry";
      readonly attempt: number;
      readonly model: string;
      readonly kind: ErrorKind;
      readonly message: string;
      /** How long the call waits before its next attempt, in milliseconds. */
      readonly waitMs: number;
    } & OfCall)
  | ({
      readonly type: "fallback";
      readonly from: string;
      readonly to: string;
      readonly kind: ErrorKind;
      readonly message: string;
    } & OfCall)
  | ({
      /**
       * The route refused a parameter: the request is sent again without it. Or the catalog does not list
       * the parameter for the model. All later requests leave it out.
       */
      readonly type: "adapt";
      readonly model: string;
      readonly parameter: string;
      /** The server's message, or that the catalog does not list it. */
      readonly message: string;
    } & OfCall)
  | ({
      /** The account's rate limits delay a request. */
      readonly type: "rate-limit-wait";
      readonly model: string;
      readonly waitMs: number;
    } & OfCall)
  | ({
      /** The server refuses requests of the account. Other requests wait until it ends, or fall back. Emitted once for each refusal. */
      readonly type: "refusal";
      readonly model: string;
      readonly scope: "minute" | "day" | "concurrency";
      /** End of the refusal, in milliseconds since the epoch. */
      readonly until: number;
      /** Whether the server required a longer time, which `LLM_REFUSAL_MAX_DELAY` or the end of the day limits. */
      readonly isCapped: boolean;
    } & OfCall)
  | ({
      /** A budget does not cover a request. The request is not sent. */
      readonly type: "budget";
      readonly model: string;
      readonly message: string;
    } & OfCall)
  | ({
      /** A live stream broke after its first token and starts again: discard the text so far. */
      readonly type: "restart";
      readonly attempt: number;
      readonly kind: ErrorKind;
      readonly message: string;
    } & OfCall)
  | ({ readonly type: "call-end"; readonly record: CallRecord } & OfCall)
  | ({
      /** A call was answered from the run's journal: no request was sent, and nothing is paid again. */
      readonly type: "call-replay";
      /** The usage of the call when it was made. */
      readonly record: CallRecord;
    } & OfCall)
  | ({ readonly type: "tool-call"; readonly tool: string; readonly input: unknown } & OfCall)
  | {
      /** A tool that an agent's model has called starts. Not emitted for a result from the run's journal. */
      readonly type: "tool-start";
      readonly runId: string;
      /** The `parentId` of events inside the tool. */
      readonly executionId: string;
      /** The agent. */
      readonly parentId?: string;
      readonly role: string;
      readonly tool: string;
      /** The model's id of the call, which may not be unique. */
      readonly toolCallId?: string;
    }
  | {
      readonly type: "tool-end";
      readonly runId: string;
      readonly executionId: string;
      readonly role: string;
      readonly tool: string;
      readonly durationMs: number;
      /**
       * `failed` where the tool threw, `timeout` where it gave no result in time (`LLM_TOOL_TIMEOUT`),
       * `interrupted` where it waits for a person.
       */
      readonly status: "succeeded" | "failed" | "timeout" | "aborted" | "interrupted";
      /** The text that the model gets after a failure or a timeout. It may continue without the tool. */
      readonly message?: string;
    }
  | ({
      /** A second request is sent because the first is slow; the first answer wins. */
      readonly type: "hedge";
      readonly model: string;
      /** How long the first one had taken by then, in milliseconds. */
      readonly afterMs: number;
    } & OfCall)
  | ({
      /** Usage and cost of a request, if they became known only after its record was written. */
      readonly type: "reconcile";
      readonly attempt: number;
      /** Requested model. */
      readonly model: string;
      readonly generationId?: string | undefined;
      /** As the call's record has them. Not in events of runs that an earlier version has stored. */
      readonly call: CallOrigin;
      readonly usage: Usage;
      /**
       * The part of `usage` that the call's record does not have. Its counts of unknown attempts are -1 where
       * the record counts the attempt as unknown.
       */
      readonly missing: Usage & UnknownAttempts;
    } & OfCall)
  | {
      /** A route failed too often and is not used for a time, is tried again, or has recovered. */
      readonly type: "circuit";
      /** The model and the way to it. */
      readonly route: string;
      readonly from: "closed" | "open" | "half-open";
      readonly to: "closed" | "open" | "half-open";
      /** Time until the route is tried again, in milliseconds; only when it opens. */
      readonly cooldownMs?: number | undefined;
    }
  | {
      /**
       * Document search continues without a model that failed: passages are found by their words only, or keep
       * their order. Emitted once, until the model answers again.
       */
      readonly type: "search-fallback";
      /** The result that the model would have given. */
      readonly endpoint: "embeddings" | "rerank";
      readonly model: string;
      /** The failure, and its effect on searches; the log has it as a warning. */
      readonly message: string;
    }
  | {
      readonly type: "agent-start";
      readonly runId: string;
      /** Of this invocation: the `parentId` of its calls and tools. */
      readonly agentId: string;
      /**
       * What it is part of: the `agentId` of an agent, the `executionId` of a tool, or what the run has as
       * `configurable.parent_id`. Absent for what is part of the run alone.
       */
      readonly parentId?: string;
      readonly role: string;
      readonly model: string;
    }
  | {
      readonly type: "agent-end";
      readonly runId: string;
      readonly agentId: string;
      readonly role: string;
      /** The output of the agent; absent if it failed. */
      readonly output?: unknown;
    }
  | {
      /** The run waits for a person. */
      readonly type: "approval-request";
      readonly runId: string;
      /** The review that a person approves. */
      readonly review: unknown;
    }
  | {
      /** A person has decided, and the run continues. */
      readonly type: "approval-decision";
      readonly runId: string;
      readonly decision: "approve" | "reject" | "edit";
      /** Who decided, if that is given. */
      readonly by?: string | undefined;
      /** The reason that they gave. */
      readonly reason?: string | undefined;
    };

/** An event of a call, without the fields that all events of one call share. */
export type CallEvent = OrchestraEvent extends infer E
  ? E extends { callId: string }
    ? Omit<E, "runId" | "callId" | "parentId" | "role">
    : never
  : never;

export type EventListener = (event: OrchestraEvent) => void;
