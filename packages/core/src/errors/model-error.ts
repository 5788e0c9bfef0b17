import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { asText } from "./bounded.ts";
import { ArgumentError } from "./argument-error.ts";
import { errorKinds, type ErrorKind } from "./error-kinds.ts";
import { escapeControls } from "./escape-controls.ts";
import { OrchestraError } from "./orchestra-error.ts";
import { safeCause } from "./safe-cause.ts";
import { redactedStart, redactSecrets } from "./secrets.ts";

/**
 * A more specific reason inside a kind, which policies or callers use.
 *
 * - `model_not_found`: the route does not have this model; it may have another one.
 * - `context_length_exceeded`: a model with a larger context may accept the request.
 * - `content_filter`: refused because of its content; the reason is in the message.
 * - `refusal`: the model refused to answer; its text is in the message.
 * - `unsupported_feature`: the model does not support a part of the request, such as tools or images.
 * - `daily_quota`: the account's free calls of the day are used up.
 * - `circuit_open`: the circuit breaker of the route is open, so the request was not sent.
 * - `limits_unavailable`: the rate limiter or the budget store failed, so the request was not sent.
 * - `no_response`: the answer did not arrive, or stalled; the route is not retried if there is another one.
 * - `call_timeout`: the time for the call and all its attempts is up.
 * - `in_flight_budget`: credit is reserved by calls in progress; it is released when they end.
 * - `unaffordable_max_tokens`: the balance covers fewer tokens than were requested.
 * - `unsupported_parameter`: the route refused a parameter, and the next request omits it.
 * - `interrupted`: a stream ended before its answer did.
 * - `too_many_tool_calls`: an answer calls more tools than `LLM_MAX_TOOL_CALLS` allows.
 * - `redirect`: the server sent a redirect, which is not followed.
 * - `cut_off`: the answer was cut off by `max_tokens`; `partialText` has the text so far.
 * - `truncated`, `empty`, `broken_call`, `malformed`, `too_large`, `off_schema`: the problem of an answer.
 */
export type ErrorReason =
  | "model_not_found"
  | "context_length_exceeded"
  | "content_filter"
  | "refusal"
  | "unsupported_feature"
  | "daily_quota"
  | "in_flight_budget"
  | "circuit_open"
  | "limits_unavailable"
  | "no_response"
  | "call_timeout"
  | "unaffordable_max_tokens"
  | "unsupported_parameter"
  | "interrupted"
  | "too_many_tool_calls"
  | "redirect"
  | "cut_off"
  | "truncated"
  | "empty"
  | "broken_call"
  | "malformed"
  | "too_large"
  | "off_schema";

/** Details of a failed attempt. */
export interface ModelErrorDetails {
  readonly kind: ErrorKind;
  readonly reason?: ErrorReason | undefined;
  /** HTTP status, of the response or, in mid-stream, of the error's own code. */
  readonly status?: number | undefined;
  /** Wait time from the server, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Requested model of the attempt. */
  readonly model?: string | undefined;
  /** Provider that OpenRouter or the gateway named in the error. */
  readonly provider?: string | undefined;
  /** OpenRouter's `error.metadata.limit_source`; `orchestra_…` if the limit is a setting of Orchestra. */
  readonly limitSource?: string | undefined;
  /** The variable whose limit ended the attempt or the call, such as `LLM_STALL_TIMEOUT`. */
  readonly setting?: string | undefined;
  /** For `unaffordable_max_tokens`: the number of tokens that the balance covers. */
  readonly affordableTokens?: number | undefined;
  /** Whether the call fails at once, without a retry or a fallback: another request would not help, or is not allowed. */
  readonly isFinal?: true | undefined;
}

/** The failure of one attempt at a model. */
export class ModelError extends OrchestraError {
  override readonly name = "ModelError";
  readonly code: ErrorKind;
  readonly details: ModelErrorDetails;
  #response: ResponseMetadata | undefined;
  #partialText: string | undefined;

  constructor(message: string, details: ModelErrorDetails, options?: ErrorOptions) {
    if (!errorKinds.includes(details?.kind)) {
      const kinds = errorKinds.join(", ");
      throw ArgumentError.of("new ModelError(): details.kind", details?.kind, `one of ${kinds}`);
    }
    super(
      readable(asText(message)),
      options && "cause" in options ? { cause: safeCause(options.cause) } : {},
    );
    this.code = details.kind;
    this.details = known(details);
  }

  get kind(): ErrorKind {
    return this.details.kind;
  }

  get reason(): ErrorReason | undefined {
    return this.details.reason;
  }

  get status(): number | undefined {
    return this.details.status;
  }

  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }

  /** The metadata of the response so far; absent if no request was made. */
  get response(): ResponseMetadata | undefined {
    return this.#response;
  }

  /** The part of the answer that has arrived, if it was cut off. Logs and `JSON.stringify` do not contain it. */
  get partialText(): string | undefined {
    return this.#partialText;
  }

  /** The same failure, with details that the thrower did not have. */
  with(details: Partial<ModelErrorDetails>): ModelError {
    const error = new ModelError(
      this.message,
      { ...details, ...this.details },
      { cause: this.cause },
    );
    error.#response = this.#response;
    error.#partialText = this.#partialText;
    return error;
  }

  /** The same failure, with the metadata of the response; `undefined` if no request was made. */
  withResponse(response: ResponseMetadata | undefined): ModelError {
    const error = this.with({});
    error.#response = response;
    return error;
  }

  /** The same failure, with the part of the answer that has arrived. */
  withPartialText(text: string): ModelError {
    const error = this.with({});
    error.#partialText = text;
    return error;
  }

  static override isInstance(error: unknown): error is ModelError {
    return OrchestraError.isNamed(error, "ModelError");
  }
}

/** Removes undefined fields, which would replace the details of another source. */
function known(details: ModelErrorDetails): ModelErrorDetails {
  const fields = Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === "string" ? redactSecrets(value) : value]);
  return Object.fromEntries(fields);
}

/**
 * A text without secrets and terminal control characters. Tools, servers and models choose
 * parts of it.
 */
function readable(message: string): string {
  return escapeControls(redactedStart(message, maxMessage), "\n");
}

const maxMessage = 4000;
