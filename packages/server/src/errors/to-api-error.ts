import {
  ArgumentError,
  CallFailedError,
  ModelError,
  StreamInterruptedError,
  type AttemptRecord,
  type ModelErrorDetails,
} from "@orchestra/core/gateway";
import { OrchestraError, sentences } from "@orchestra/core/extend";
import { ApiError, invalidRequest } from "./api-error.ts";
import { statusOfKind, statusOfReason, statusOfRefusal } from "./statuses.ts";

/** The error for a client, from a thrown value. */
export function toApiError(error: unknown): ApiError {
  if (ApiError.isInstance(error)) return error;
  if (ArgumentError.isInstance(error)) return ofArgument(error);
  if (CallFailedError.isInstance(error)) {
    const last = error.errors.at(-1);
    const details = last?.details ?? { kind: error.code };
    const advice = adviceForClient(error);
    const message = [sentences.withStop(error.summary), ...(advice ? [advice] : [])].join("\n");
    return ofCall(message, details, error.attempts.map(ofAttempt));
  }
  if (StreamInterruptedError.isInstance(error)) {
    const { message, cause } = error;
    const details = ModelError.isInstance(cause) ? cause.details : undefined;
    return ofCall(message, { reason: "interrupted", ...details, kind: "service_error" });
  }
  if (ModelError.isInstance(error)) return ofCall(error.message, error.details);
  if (OrchestraError.isInstance(error)) {
    if (error.code === "no_progress") return ofStuckAgent(error);
    const refusal = ofRefusal(error);
    if (refusal) return refusal;
  }
  // An unexpected error may contain anything, and is only logged.
  return new ApiError(
    "The server failed. Its log has the reason.",
    { status: 500, type: "server_error", code: "internal_error" },
    { cause: error },
  );
}

/** An agent whose model repeats its tool calls. */
function ofStuckAgent({ message, code }: OrchestraError): ApiError {
  const type = "invalid_response_error";
  return new ApiError(sentences.withStop(message), { status: statusOfKind[type], type, code });
}

/** Errors of the runtime or an agent, by their code, because a server without runs does not load the runtime. */
function ofRefusal({ message, code, ...fields }: OrchestraError): ApiError | undefined {
  const { [code]: status } = statusOfRefusal;
  if (status === undefined) return undefined;
  const { runId, status: runStatus } = fields as {
    readonly runId?: string;
    readonly status?: string;
  };
  const isOfRun = runId !== undefined || runStatus !== undefined;
  const metadata = isOfRun ? { run_id: runId, run_status: runStatus } : undefined;
  return invalidRequest(sentences.withStop(message), { status, code, metadata });
}

/** A wrong request, as reported by `completions.create()` and the runtime. */
function ofArgument({ message, cause }: ArgumentError): ApiError {
  if (OrchestraError.isInstance(cause) && cause.code === "payload_too_large") {
    return invalidRequest(sentences.withStop(message), { status: 413, code: cause.code });
  }
  const text = message.replace(/^[\w.]+\(\): /, "");
  const [, place, field, argument] =
    /^(?:(options|request)\.([^\s;]+)|([a-z]\w*)(?= (?:is|has|must) ))/.exec(text) ?? [];
  // An option of the function is a field, or a part of the query, of the request here.
  const shown = place === "options" ? text.slice("options.".length) : text;
  return invalidRequest(sentences.withStop(shown), { param: field ?? argument });
}

function ofCall(
  message: string,
  { kind, reason, status, retryAfterMs, provider, limitSource, model }: ModelErrorDetails,
  attempts?: readonly object[],
): ApiError {
  const ofReason = reason === undefined ? undefined : statusOfReason[reason];
  return new ApiError(sentences.withStop(message), {
    status: ofReason ?? statusOfKind[kind],
    type: kind,
    code: reason ?? kind,
    metadata: {
      model,
      provider_name: provider,
      limit_source: limitSource,
      upstream_status: status,
      attempts,
    },
    headers: {
      ...(retryAfterMs === undefined
        ? {}
        : { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
      // The retries are used up; retries of a client would multiply them.
      ...(kind === "rate_limit_error" ? {} : { "x-should-retry": "false" }),
    },
  });
}

/** The error's own advice is for the operator of the server: it names settings. The log has it. */
function adviceForClient({ reason, nearestModels }: CallFailedError): string | undefined {
  switch (reason) {
    case "model_not_found":
      return adviceForUnknownModel(nearestModels);
    case "unsupported_feature":
      return "Use a model that supports it: GET /v1/models lists the parameters of each model.";
    case "context_length_exceeded":
      return "Shorten the input, or use a model with a larger context: GET /v1/models lists the context of each model.";
    case "truncated":
      return "Raise max_tokens.";
    default:
      return undefined;
  }
}

/** @param nearest - Similar ids. */
export function adviceForUnknownModel(nearest: readonly string[]): string {
  const all = "GET /v1/models lists all models.";
  return nearest.length === 0 ? all : `Nearest: ${nearest.join(", ")}. ${all}`;
}

function ofAttempt({ model, provider, status, error }: AttemptRecord): object {
  return { model, provider_name: provider, status, kind: error?.kind };
}
