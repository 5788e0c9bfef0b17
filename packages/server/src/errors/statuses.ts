import type { ErrorKind, ErrorReason } from "@orchestra/core";

/** The HTTP status of a failed call, by the kind of its last error. `docs/service.md` shows it. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid_request_error: 400,
  insufficient_credits_error: 402,
  budget_error: 402,
  permission_error: 403,
  rate_limit_error: 429,
  quota_error: 429,
  aborted: 499,
  unknown_error: 500,
  // The client's key is valid, but the server's own key at OpenRouter is not.
  authentication_error: 502,
  connection_error: 502,
  service_error: 502,
  invalid_response_error: 502,
  timeout_error: 504,
};

/** Reasons that are more specific than their kind. */
export const statusOfReason: Readonly<Partial<Record<ErrorReason, number>>> = {
  model_not_found: 404,
  circuit_open: 503,
  limits_unavailable: 503,
};

/** The HTTP status of errors of the runtime or an agent, by their code. */
export const statusOfRefusal: Readonly<Record<string, number>> = {
  artifact_error: 400,
  findings_rejected: 400,
  run_not_found: 404,
  unknown_pipeline: 404,
  run_state: 409,
  idempotency_conflict: 409,
  journal_format: 409,
};
