import { SpanKind, type Attributes, type AttributeValue } from "@opentelemetry/api";
import type { AttemptRecord, CallRecord, OrchestraEvent } from "@orchestra/core";

/** A span, without its times and its place in the trace. */
export interface SpanData {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** Whether it is shown as an error. */
  readonly hasFailed: boolean;
}

// The only place where events become spans. The names are those of OpenTelemetry's conventions for HTTP and for
// generative AI; all others begin with `orchestra.`. Attributes contain no text of a prompt, an answer or an error,
// because the message of an error can quote either.

/** A request to the server. The attributes of its end are in {@link responseAttributes}. */
export function requestSpan(method: string, route: string): SpanData {
  return {
    name: `${method} ${route}`,
    kind: SpanKind.SERVER,
    attributes: {
      "http.request.method": method,
      "http.route": route,
      "url.scheme": "http",
    },
    hasFailed: false,
  };
}

/** @param isComplete - Whether the client has received the whole answer. */
export function responseAttributes(status: number, isComplete: boolean): Attributes {
  const error = !isComplete ? "aborted" : status >= 500 ? String(status) : undefined;
  return known({ "http.response.status_code": status, "error.type": error });
}

/** A model call, with its retries and fallbacks. */
export function callSpan(record: CallRecord): SpanData {
  const { role, model, status, finishReason, timeToFirstTokenMs, attempts, error } = record;
  const operation = operations.get(role) ?? "chat";
  const answered = attempts.findLast((attempt) => !attempt.error);
  return {
    name: `${operation} ${model}`,
    kind: SpanKind.CLIENT,
    attributes: known({
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": record.via ?? attempts.at(-1)?.via ?? "openrouter",
      "gen_ai.request.model": model,
      "gen_ai.response.model": record.servedModel,
      "gen_ai.response.id": answered?.generationId,
      "gen_ai.response.finish_reasons": finishReason === undefined ? undefined : [finishReason],
      "gen_ai.response.time_to_first_chunk":
        timeToFirstTokenMs === undefined ? undefined : timeToFirstTokenMs / 1000,
      "gen_ai.usage.input_tokens": record.promptTokens,
      "gen_ai.usage.output_tokens": record.completionTokens,
      "gen_ai.usage.cache_read.input_tokens": record.cachedTokens,
      "gen_ai.usage.reasoning.output_tokens": record.reasoningTokens,
      "error.type": error?.kind,
      "orchestra.run_id": record.runId,
      "orchestra.call_id": record.id,
      "orchestra.role": role,
      "orchestra.status": status,
      "orchestra.provider": record.provider,
      "orchestra.cost_usd": record.costUsd,
      "orchestra.attempts": attempts.length,
      "orchestra.fallback_used": record.fallbackUsed,
    }),
    hasFailed: status === "failed",
  };
}

/**
 * One request of a call. Its tokens are only in the call's span, so that a sum over all spans does not count
 * them twice.
 */
export function attemptSpan(attempt: AttemptRecord): SpanData {
  const { number, model, error } = attempt;
  return {
    name: `attempt ${model}`,
    kind: SpanKind.CLIENT,
    attributes: known({
      "orchestra.attempt": number,
      "orchestra.attempt.model": model,
      "orchestra.attempt.via": attempt.via,
      "orchestra.attempt.waited_ms": attempt.waitedMs,
      "orchestra.attempt.rate_limited_ms": attempt.rateLimitedMs,
      "orchestra.attempt.cost_usd": attempt.costUsd,
      "orchestra.provider": attempt.provider,
      "http.response.status_code": attempt.status,
      "error.type": error?.kind,
    }),
    hasFailed: error !== undefined && error.kind !== "aborted",
  };
}

/** An agent's invocation. */
export function agentSpan({
  runId,
  role,
  model,
}: Extract<OrchestraEvent, { type: "agent-start" }>): SpanData {
  return {
    name: `invoke_agent ${role}`,
    kind: SpanKind.INTERNAL,
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": role,
      "gen_ai.request.model": model,
      "orchestra.run_id": runId,
    },
    hasFailed: false,
  };
}

/** The reason of an agent's failure is in its calls and tools. */
export const failedAgent: Attributes = { "error.type": "_OTHER" };

/** A tool that an agent's model has called. The attributes of its end are in {@link toolFailure}. */
export function toolSpan({
  runId,
  role,
  tool,
  toolCallId,
}: Extract<OrchestraEvent, { type: "tool-start" }>): SpanData {
  return {
    name: `execute_tool ${tool}`,
    kind: SpanKind.INTERNAL,
    attributes: known({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": tool,
      "gen_ai.tool.call.id": toolCallId,
      "gen_ai.agent.name": role,
      "orchestra.run_id": runId,
    }),
    hasFailed: false,
  };
}

/** @returns `undefined` for a tool that has not failed; a tool that waits for a person has not */
export function toolFailure(
  status: Extract<OrchestraEvent, { type: "tool-end" }>["status"],
): Attributes | undefined {
  if (status === "succeeded" || status === "interrupted") return undefined;
  return { "error.type": status === "failed" ? "_OTHER" : status };
}

/** Roles of calls other than chat completions. */
const operations: ReadonlyMap<string, string> = new Map([
  ["embeddings", "embeddings"],
  ["rerank", "rerank"],
]);

function known(attributes: Readonly<Record<string, AttributeValue | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
