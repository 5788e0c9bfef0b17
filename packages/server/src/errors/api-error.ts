import type { OutgoingHttpHeaders } from "node:http";
import { OrchestraError, secrets } from "@orchestra/core/extend";

/** The error for a client, in OpenAI's form. */
export interface ApiErrorDetails {
  /** HTTP status. */
  readonly status: number;
  /** OpenAI's `type`, such as `invalid_request_error`. */
  readonly type: string;
  /** OpenAI's `code`, such as `model_not_found`. */
  readonly code: string;
  /** The field of the request that is wrong. */
  readonly param?: string | undefined;
  /** Further details, as in OpenRouter's `error.metadata`. */
  readonly metadata?: object | undefined;
  readonly headers?: OutgoingHttpHeaders | undefined;
}

/** A request that the server refuses, or could not answer. */
export class ApiError extends OrchestraError {
  override readonly name = "ApiError";
  readonly code: string;
  readonly details: ApiErrorDetails;

  constructor(message: string, details: ApiErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = details.code;
    this.details = details;
  }

  static override isInstance(error: unknown): error is ApiError {
    return OrchestraError.isNamed(error, "ApiError");
  }
}

/** An error for a wrong request: 400, unless another status is set. */
export function invalidRequest(
  message: string,
  { status = 400, code = "invalid_request", ...details }: Partial<ApiErrorDetails> = {},
): ApiError {
  return new ApiError(message, { type: "invalid_request_error", status, code, ...details });
}

/** The body of an error. A client may have sent a secret, such as a key instead of a model. */
export function errorBody({ message, details }: ApiError): string {
  const { type, code, param = null, metadata } = details;
  return secrets.redactSecrets(JSON.stringify({ error: { message, type, param, code, metadata } }));
}
