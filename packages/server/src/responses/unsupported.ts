import { quoted } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";

/** What this server cannot do is refused by name: an answer that left it out would be wrong unseen. */
export function unsupported(param: string, what: string, advice: string): ApiError {
  return invalidRequest(`${what} is not supported (${param}). ${advice}`, {
    param,
    code: "unsupported_parameter",
  });
}

/** The `type` of something in a request, to show in an error. */
export function shownType(value: unknown): string {
  return quoted(String((value as { readonly type?: unknown }).type));
}
