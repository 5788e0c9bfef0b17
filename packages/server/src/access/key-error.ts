import { ApiError } from "../errors/api-error.ts";

/** The error of a request whose key is missing. */
export function missingKey(): ApiError {
  return keyError("The request has no key. Send one as the header Authorization: Bearer <key>.");
}

/** The error of a request whose key is not valid. */
export function keyError(message: string): ApiError {
  return new ApiError(message, {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    headers: { "www-authenticate": "Bearer" },
  });
}
