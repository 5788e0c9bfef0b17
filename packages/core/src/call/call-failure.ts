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
  const { attempts, errors } = log;
  const last = attempts.at(-1);
  const general = adviceFor(error, log.fallbacks, last?.via);
  const advice = general && withOptions(general);
  log.end(error.kind === "aborted" ? "aborted" : "failed", {
    kind: error.kind,
    message: error.message,
    ...(advice ? { advice } : {}),
  });
  const isOfAttempt = errors.at(-1)?.message === error.message;
  const all = isOfAttempt ? errors : [...errors, error];
  const nearestModels = await findNearestModels(error, last, log, signal);
  return new CallFailedError(log.role, attempts, all, { advice, nearestModels });
}

async function findNearestModels(
  error: ModelError,
  attempt: AttemptRecord | undefined,
  log: CallLog,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  // A request that a budget refuses does not count as an attempt.
  const model = attempt?.model ?? error.details.model;
  if (error.details.reason !== "model_not_found" || model === undefined) return undefined;
  // Portkey and other servers use other ids.
  if (attempt && attempt.via !== "openrouter") return undefined;
  const asked = log.nearestModels(model);
  try {
    return await (signal ? unlessAborted(asked, signal) : asked);
  } catch {
    // The call has failed already: an abort only ends the wait for the list.
    return undefined;
  }
}
