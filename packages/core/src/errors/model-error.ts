import type { ErrorKind } from "./error-kinds.ts";
import { OrchestraError } from "./orchestra-error.ts";

/**
 * A finer reason inside a kind, where the policy or the caller acts on it.
 *
 * - `model_not_found`: no such model here; another one may exist.
 * - `context_length_exceeded`: a model with a larger context may take it.
 * - `content_filter`: refused for its content; the reason is in the message.
 * - `daily_quota`: the account's free calls of the day are used up.
 * - `circuit_open`: the route has failed so often that it was not tried.
 * - `silent`: nothing came, or nothing more; the route is not tried again if there is another.
 * - `call_timeout`: the time for the call and all its attempts is up.
 * - `in_flight_budget`: credit is held by calls under way; it comes back when they end.
 * - `unaffordable_max_tokens`: the balance covers fewer tokens than were asked for.
 * - `truncated`, `empty`, `malformed`, `off_schema`: what was wrong with an answer.
 */
export type ErrorReason =
  | "model_not_found"
  | "context_length_exceeded"
  | "content_filter"
  | "daily_quota"
  | "in_flight_budget"
  | "circuit_open"
  | "silent"
  | "call_timeout"
  | "unaffordable_max_tokens"
  | "truncated"
  | "empty"
  | "malformed"
  | "off_schema";

/** What is known of a failed attempt. */
export interface ModelErrorDetails {
  readonly kind: ErrorKind;
  readonly reason?: ErrorReason | undefined;
  /** HTTP status, of the response or, in mid-stream, of the error's own code. */
  readonly status?: number | undefined;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Model of the attempt, as it was asked for. */
  readonly model?: string | undefined;
  /** Provider that OpenRouter or the gateway named in the error. */
  readonly provider?: string | undefined;
  /** OpenRouter's `error.metadata.limit_source`. */
  readonly limitSource?: string | undefined;
  /** For `unaffordable_max_tokens`: how many tokens the balance covers. */
  readonly affordableTokens?: number | undefined;
}

/** One attempt at a model that failed. */
export class ModelError extends OrchestraError {
  override readonly name = "ModelError";
  readonly code: ErrorKind;
  readonly details: ModelErrorDetails;

  constructor(message: string, details: ModelErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = details.kind;
    this.details = known(details);
  }

  get kind(): ErrorKind {
    return this.details.kind;
  }

  get status(): number | undefined {
    return this.details.status;
  }

  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }

  /** The same failure, with what the thrower could not know. */
  with(details: Partial<ModelErrorDetails>): ModelError {
    return new ModelError(this.message, { ...details, ...this.details }, { cause: this.cause });
  }

  static override isInstance(error: unknown): error is ModelError {
    return OrchestraError.isNamed(error, "ModelError");
  }
}

/** Without the fields that are there but undefined, which would hide what another source knows. */
function known(details: ModelErrorDetails): ModelErrorDetails {
  const fields = Object.entries(details).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as ModelErrorDetails;
}
