import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { OrchestraEvent } from "@orchestra/core";
import type { ActiveRequest } from "./active-request.ts";
import type { RunTraceIds } from "./run-trace-ids.ts";
import { readContext } from "./propagator.ts";
import {
  agentSpan,
  attemptSpan,
  callSpan,
  failedAgent,
  toolFailure,
  toolSpan,
  type SpanData,
} from "./span-data.ts";

/** A call that has not ended. */
interface OpenCall {
  readonly parent: Context;
  /** The start times of its attempts, by their numbers. */
  readonly startedAt: Map<number, number>;
}

/** An agent or a tool in progress. */
interface OpenWork {
  readonly span: Span;
  /** The context of its calls. */
  readonly context: Context;
}

type EventOf<Type extends OrchestraEvent["type"]> = Extract<OrchestraEvent, { type: Type }>;

/** Creates spans from events: calls with their attempts, within the tools, agents and requests that make them. */
export class EventSpans {
  readonly #tracer: Tracer;
  readonly #ids: RunTraceIds;
  readonly #request: ActiveRequest;
  readonly #calls = new Map<string, OpenCall>();
  /** By the id that their children have as `parentId`. */
  readonly #work = new Map<string, OpenWork>();

  constructor(tracer: Tracer, ids: RunTraceIds, request: ActiveRequest) {
    this.#tracer = tracer;
    this.#ids = ids;
    this.#request = request;
  }

  readonly listen = (event: OrchestraEvent): void => {
    switch (event.type) {
      case "attempt-start":
        this.#beginAttempt(event);
        break;
      case "call-end":
        this.#endCall(event);
        break;
      case "agent-start":
        this.#begin(event.agentId, agentSpan(event), event);
        break;
      case "agent-end":
        this.#end(event.agentId, event.output === undefined ? failedAgent : undefined);
        break;
      case "tool-start":
        this.#begin(event.executionId, toolSpan(event), event);
        break;
      case "tool-end":
        this.#end(event.executionId, toolFailure(event.status));
        break;
      default:
    }
  };

  #beginAttempt({ callId, parentId, attempt }: EventOf<"attempt-start">): void {
    let call = this.#calls.get(callId);
    if (!call) {
      call = { parent: this.#contextOf(parentId), startedAt: new Map() };
      this.#calls.set(callId, call);
    }
    call.startedAt.set(attempt, Date.now());
  }

  #endCall({ parentId, record }: EventOf<"call-end">): void {
    const { id, runId, attempts, durationMs } = record;
    // A refused call has no attempt.
    const { parent, startedAt } = this.#calls.get(id) ?? { parent: this.#contextOf(parentId) };
    this.#calls.delete(id);
    const begin = Date.parse(record.startedAt);
    const span = this.#start(callSpan(record), runId, parent, begin);
    const context = trace.setSpan(parent, span);
    for (const attempt of attempts) {
      const attemptBegin = startedAt?.get(attempt.number) ?? begin;
      const child = this.#start(attemptSpan(attempt), runId, context, attemptBegin);
      child.end(attemptBegin + attempt.durationMs);
    }
    span.end(begin + durationMs);
  }

  #begin(id: string, data: SpanData, { runId, parentId }: EventOf<"agent-start" | "tool-start">) {
    const parent = this.#contextOf(parentId);
    const span = this.#start(data, runId, parent);
    this.#work.set(id, { span, context: trace.setSpan(parent, span) });
  }

  #end(id: string, failure: Attributes | undefined): void {
    const span = this.#work.get(id)?.span;
    this.#work.delete(id);
    if (failure) span?.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  /**
   * The context of the parent: an agent or a tool; or the span that started the run, whose `traceparent` is then the
   * id; else the request.
   */
  #contextOf(parentId: string | undefined): Context {
    const { context } = this.#request;
    if (parentId === undefined) return context;
    return this.#work.get(parentId)?.context ?? readContext({ traceparent: parentId }, context);
  }

  #start(data: SpanData, runId: string, parent: Context, startTime = Date.now()): Span {
    const { name, kind, attributes, hasFailed } = data;
    const span = this.#ids.within(runId, () =>
      this.#tracer.startSpan(name, { kind, attributes, startTime }, parent),
    );
    if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    return span;
  }
}
