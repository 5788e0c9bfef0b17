import { adviceFor } from "../errors/advice.ts";
import { CallFailedError, ModelError } from "../errors/index.ts";
import { messageOf } from "../errors/message-of.ts";
import { unlessAborted } from "../resilience/index.ts";
import { withOptions } from "../settings/index.ts";
import type { AttemptRecord } from "../usage/call-record.ts";
import type { CallLog } from "./call-log.ts";

/**
 * Ends the log of a call that failed.
 *
 * @param signal - Aborts when the caller no longer needs the answer.
 * @returns the error for the caller: an abort's own reason, or else one error with all attempts
 */
export async function endFailed(
  log: CallLog,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (signal?.aborted) {
    log.end("aborted", { kind: "aborted", message: "The caller aborted the call" });
    return signal.reason;
  }
  if (!ModelError.isInstance(error)) {
    log.end("failed", { kind: "unknown_error", message: messageOf(error) });
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
  const nearest = await nearestModels(error, last, log, signal);
  const whole = [advice && withOptions(advice), nearest];
  return new CallFailedError(log.role, attempts, all, whole.filter(Boolean).join(" "));
}

async function nearestModels(
  error: ModelError,
  attempt: AttemptRecord | undefined,
  log: CallLog,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  // A request that a budget refuses does not count as an attempt.
  const model = attempt?.model ?? error.details.model;
  if (error.details.reason !== "model_not_found" || model === undefined) return undefined;
  // Portkey and other servers use other ids.
  if (attempt && attempt.via !== "openrouter") return undefined;
  const asked = log.nearestModels(model);
  try {
    const ids = await (signal ? unlessAborted(asked, signal) : asked);
    return ids.length === 0 ? undefined : `Nearest: ${ids.join(", ")}.`;
  } catch {
    // The call has failed already: an abort only ends the wait for the list.
    return undefined;
  }
}
