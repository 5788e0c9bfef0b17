import type { OrchestraEvent } from "./events.ts";
import type { Logger } from "./logger.ts";

/**
 * Writes an event to the log, where it belongs there: retries, fallbacks, and each call's record.
 *
 * What models and tools were told and said is left out: it is in the record, if it is to be kept.
 */
export function logEvent(logger: Logger, event: OrchestraEvent): void {
  switch (event.type) {
    case "retry": {
      const { role, runId, model, kind, message, waitMs } = event;
      logger.warn("retry", {
        role,
        runId,
        model,
        kind,
        reason: message,
        waitMs: Math.round(waitMs),
      });
      return;
    }
    case "fallback": {
      const { role, runId, from, to, kind, message } = event;
      logger.warn("fallback", { role, runId, from, to, kind, reason: message });
      return;
    }
    case "circuit": {
      const { type, ...fields } = event;
      if (event.to === "open") logger.warn(type, fields);
      else logger.info(type, fields);
      return;
    }
    case "restart": {
      const { role, runId, kind, message } = event;
      logger.warn("restart", { role, runId, kind, reason: message });
      return;
    }
    case "budget": {
      const { type, role, runId, model, message } = event;
      logger.warn(type, { role, runId, model, reason: message });
      return;
    }
    case "hedge":
    case "rate-limit-wait": {
      const { type, callId: _, ...fields } = event;
      logger.info(type, fields);
      return;
    }
    case "call-end": {
      const { record: call } = event;
      if (call.status === "failed") logger.error("model call", { call });
      else logger.info("model call", { call });
      return;
    }
    case "call-replay": {
      const { type, role, runId, callId, record } = event;
      logger.debug(type, { role, runId, callId, model: record.servedModel ?? record.model });
      return;
    }
    case "approval-request":
    case "approval-decision": {
      const { type, runId } = event;
      const decided =
        type === "approval-decision" ? { decision: event.decision, by: event.by } : {};
      logger.info(type, { runId, ...decided });
      return;
    }
    case "text-delta":
      return;
    default: {
      const { type, ...fields } = event;
      logger.debug(type, { ...fields, input: undefined, output: undefined });
    }
  }
}
