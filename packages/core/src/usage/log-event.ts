import type { OrchestraEvent } from "./events.ts";
import type { LineLevel, Logger } from "./logger.ts";

/**
 * Writes an event to the log if it belongs there: retries, fallbacks, and each call's record. Prompts, answers
 * and tool results are not written.
 *
 * @returns the result of the logger: a promise, if the logger writes asynchronously
 */
export function logEvent(logger: Logger, event: OrchestraEvent): unknown {
  const level = levelOf(event);
  if (level === undefined || !(logger.isLevelEnabled?.(level) ?? true)) return undefined;
  const { message, fields } = lineOf(event);
  return logger[level](message, fields);
}

/** The level of an event's line; `undefined` for an event without a line. */
function levelOf(event: OrchestraEvent): LineLevel | undefined {
  switch (event.type) {
    case "text-delta":
    case "object-delta":
    // Document search logs its warning itself, or passes it to its `onWarning`.
    case "search-fallback":
      return undefined;
    case "call-end": {
      const { status, finishReason } = event.record;
      return status === "failed" ? "error" : finishReason === "length" ? "warn" : "info";
    }
    case "retry":
    case "fallback":
    case "adapt":
    case "refusal":
    case "restart":
      return "warn";
    case "tool-end":
      return event.message === undefined ? "debug" : "warn";
    case "circuit":
      return event.to === "open" ? "warn" : "info";
    case "hedge":
    case "rate-limit-wait":
    case "approval-request":
    case "approval-decision":
      return "info";
    default:
      return "debug";
  }
}

interface Line {
  readonly message: string;
  readonly fields: object;
}

function lineOf(event: OrchestraEvent): Line {
  switch (event.type) {
    case "retry": {
      const { type: message, role, runId, model, kind, message: reason } = event;
      const waitMs = Math.round(event.waitMs);
      return { message, fields: { role, runId, model, kind, reason, waitMs } };
    }
    case "fallback": {
      const { type: message, role, runId, from, to, kind, message: reason } = event;
      return { message, fields: { role, runId, from, to, kind, reason } };
    }
    case "adapt": {
      const { type: message, role, runId, model, parameter, message: reason } = event;
      return { message, fields: { role, runId, model, parameter, reason } };
    }
    case "refusal": {
      const { type: message, role, runId, model, scope, isCapped } = event;
      const until = new Date(event.until).toISOString();
      return { message, fields: { role, runId, model, scope, until, isCapped } };
    }
    case "circuit": {
      const { type: message, ...fields } = event;
      return { message, fields };
    }
    case "tool-end": {
      const { type, role, runId, tool, status, durationMs, message: reason } = event;
      const message = reason === undefined ? type : "tool failed";
      return { message, fields: { role, runId, tool, status, durationMs, reason } };
    }
    case "restart": {
      const { type: message, role, runId, kind, message: reason } = event;
      return { message, fields: { role, runId, kind, reason } };
    }
    case "hedge":
    case "rate-limit-wait": {
      const { type: message, callId: _, ...fields } = event;
      return { message, fields };
    }
    case "call-end": {
      const { record: call } = event;
      const isCutOff = call.finishReason === "length";
      const message = isCutOff ? "model call, cut off by max_tokens" : "model call";
      return { message, fields: { call } };
    }
    case "call-replay": {
      const { type: message, role, runId, callId, record } = event;
      const model = record.servedModel ?? record.model;
      return { message, fields: { role, runId, callId, model } };
    }
    case "approval-request":
      return { message: event.type, fields: { runId: event.runId } };
    case "approval-decision": {
      const { type: message, runId, decision, by } = event;
      return { message, fields: { runId, decision, by } };
    }
    default: {
      const { type: message, ...fields } = event;
      return { message, fields: { ...fields, input: undefined, output: undefined } };
    }
  }
}
