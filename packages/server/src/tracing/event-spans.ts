import { SpanStatusCode, trace, type Context, type Span, type Tracer } from "@opentelemetry/api";
import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import type { ActiveRequest } from "./active-request.ts";
import type { RunTraceIds } from "./run-trace-ids.ts";
import { agentSpan, attemptSpan, callSpan, failedAgent, type SpanData } from "./span-data.ts";

/** A call whose end has not come. */
interface OpenCall {
  readonly parent: Context;
  /** When its attempts began, by their numbers. */
  readonly startedAt: Map<number, number>;
}

interface OpenAgent {
  readonly role: string;
  readonly span: Span;
  readonly context: Context;
}

type EventOf<Type extends OrchestraEvent["type"]> = Extract<OrchestraEvent, { type: Type }>;

/** Makes spans of events: calls with their attempts, within the agents and the requests that make them. */
export class EventSpans {
  readonly #tracer: Tracer;
  readonly #ids: RunTraceIds;
  readonly #request: ActiveRequest;
  readonly #calls = new Map<string, OpenCall>();
  /** By the run; the one that began last is the last. */
  readonly #agents = new Map<string, OpenAgent[]>();

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
        this.#endCall(event.record);
        break;
      case "agent-start":
        this.#beginAgent(event);
        break;
      case "agent-end":
        this.#endAgent(event);
        break;
      default:
    }
  };

  #beginAttempt({ callId, runId, role, attempt }: EventOf<"attempt-start">): void {
    let call = this.#calls.get(callId);
    if (!call) {
      call = { parent: this.#parentOf(runId, role), startedAt: new Map() };
      this.#calls.set(callId, call);
    }
    call.startedAt.set(attempt, Date.now());
  }

  #endCall(record: CallRecord): void {
    const { id, runId, role, attempts, durationMs } = record;
    // A call that was refused has no attempt.
    const { parent, startedAt } = this.#calls.get(id) ?? { parent: this.#parentOf(runId, role) };
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

  #beginAgent(event: EventOf<"agent-start">): void {
    const { runId, role } = event;
    const parent = this.#request.context;
    const span = this.#start(agentSpan(event), runId, parent);
    const agents = this.#agents.get(runId) ?? [];
    agents.push({ role, span, context: trace.setSpan(parent, span) });
    this.#agents.set(runId, agents);
  }

  #endAgent({ runId, role, output }: EventOf<"agent-end">): void {
    const agents = this.#agents.get(runId) ?? [];
    const index = agents.findLastIndex((agent) => agent.role === role);
    const [agent] = index < 0 ? [] : agents.splice(index, 1);
    if (agents.length === 0) this.#agents.delete(runId);
    if (output === undefined) {
      agent?.span.setAttributes(failedAgent).setStatus({ code: SpanStatusCode.ERROR });
    }
    agent?.span.end();
  }

  /** A call is made by the agent of its role; without one, by the request. */
  #parentOf(runId: string, role: string): Context {
    const agent = this.#agents.get(runId)?.findLast((each) => each.role === role);
    return agent?.context ?? this.#request.context;
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
