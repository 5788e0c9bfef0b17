import { quoted } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";

/** The error for a feature that is not supported: an answer without it would be wrong, and the client would not notice. */
export function unsupported(param: string, what: string, advice: string): ApiError {
  return invalidRequest(`${what} is not supported (${param}). ${advice}`, {
    param,
    code: "unsupported_parameter",
  });
}

/** The `type` of a part of a request, for an error. */
export function shownType(value: unknown): string {
  return quoted(String((value as { readonly type?: unknown }).type));
}
