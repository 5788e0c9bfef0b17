import { adviceFor } from "../errors/advice.ts";
import { CallFailedError, ModelError } from "../errors/index.ts";
import { withOptions } from "../settings/index.ts";
import type { AttemptRecord } from "../usage/call-record.ts";
import type { CallLog } from "./call-log.ts";

/**
 * Ends the log of a call that failed.
 *
 * @param isAborted - Whether the caller wanted no answer any more.
 * @returns what the caller gets: an abort's own reason, else all the attempts in one error
 */
export function endFailed(log: CallLog, error: unknown, isAborted: boolean): unknown {
  if (isAborted) {
    log.end("aborted", { kind: "aborted", message: "The caller aborted the call" });
    return error;
  }
  if (!ModelError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    log.end("failed", { kind: "unknown_error", message });
    return error;
  }
  log.end(error.kind === "aborted" ? "aborted" : "failed", {
    kind: error.kind,
    message: error.message,
  });
  const { attempts, errors } = log;
  const isOfAttempt = errors.at(-1)?.message === error.message;
  const all = isOfAttempt ? errors : [...errors, error];
  const last = attempts.at(-1);
  const advice = adviceFor(error, log.fallbacks, last?.via);
  const whole = [advice && withOptions(advice), last && nearestModels(error, last, log)];
  return new CallFailedError(log.role, attempts, all, whole.filter(Boolean).join(" "));
}

function nearestModels(error: ModelError, { model, via }: AttemptRecord, log: CallLog) {
  // Portkey and other servers have ids of their own.
  if (error.details.reason !== "model_not_found" || via !== "openrouter") return undefined;
  const ids = log.nearestModels(model);
  return ids.length === 0 ? undefined : `Nearest: ${ids.join(", ")}.`;
}
