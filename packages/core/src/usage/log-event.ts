import type { OrchestraEvent } from "./events.ts";
import type { LineLevel, Logger } from "./logger.ts";

/**
 * Writes an event to the log, where it belongs there: retries, fallbacks, and each call's record.
 *
 * @returns what the logger returned: a promise of one that writes asynchronously
 *
 * What models and tools were told and said is left out: it is in the record, if it is to be kept.
 */
export function logEvent(logger: Logger, event: OrchestraEvent): unknown {
  const line = lineOf(event);
  if (!line) return undefined;
  const { level, message, fields } = line;
  const isWritten = logger.isLevelEnabled?.(level) ?? true;
  return isWritten ? logger[level](message, fields) : undefined;
}

interface Line {
  readonly level: LineLevel;
  readonly message: string;
  readonly fields: object;
}

function lineOf(event: OrchestraEvent): Line | undefined {
  switch (event.type) {
    case "retry": {
      const { type: message, role, runId, model, kind, message: reason } = event;
      const waitMs = Math.round(event.waitMs);
      return { level: "warn", message, fields: { role, runId, model, kind, reason, waitMs } };
    }
    case "fallback": {
      const { type: message, role, runId, from, to, kind, message: reason } = event;
      return { level: "warn", message, fields: { role, runId, from, to, kind, reason } };
    }
    case "adapt": {
      const { type: message, role, runId, model, parameter, message: reason } = event;
      return { level: "warn", message, fields: { role, runId, model, parameter, reason } };
    }
    case "refusal": {
      const { type: message, role, runId, model, scope, isCapped } = event;
      const until = new Date(event.until).toISOString();
      return { level: "warn", message, fields: { role, runId, model, scope, until, isCapped } };
    }
    case "circuit": {
      const { type: message, ...fields } = event;
      return { level: event.to === "open" ? "warn" : "info", message, fields };
    }
    case "restart": {
      const { type: message, role, runId, kind, message: reason } = event;
      return { level: "warn", message, fields: { role, runId, kind, reason } };
    }
    case "hedge":
    case "rate-limit-wait": {
      const { type: message, callId: _, ...fields } = event;
      return { level: "info", message, fields };
    }
    case "call-end": {
      const { record: call } = event;
      const isCutOff = call.finishReason === "length";
      const level = call.status === "failed" ? "error" : isCutOff ? "warn" : "info";
      const message = isCutOff ? "model call, cut off by max_tokens" : "model call";
      return { level, message, fields: { call } };
    }
    case "call-replay": {
      const { type: message, role, runId, callId, record } = event;
      const model = record.servedModel ?? record.model;
      return { level: "debug", message, fields: { role, runId, callId, model } };
    }
    case "approval-request":
      return { level: "info", message: event.type, fields: { runId: event.runId } };
    case "approval-decision": {
      const { type: message, runId, decision, by } = event;
      return { level: "info", message, fields: { runId, decision, by } };
    }
    case "text-delta":
      return undefined;
    default: {
      const { type: message, ...fields } = event;
      return {
        level: "debug",
        message,
        fields: { ...fields, input: undefined, output: undefined },
      };
    }
  }
}
