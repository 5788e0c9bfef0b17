import { toModelError } from "../errors/classify.ts";
import { messageNames } from "../errors/error-body.ts";
import { messageOf } from "../errors/message-of.ts";
import { ModelError, type ErrorReason } from "../errors/model-error.ts";
import type { Fields } from "../input/is-object.ts";
import type { RequestFields } from "./request/openrouter-request.ts";
import { shorten } from "./shorten.ts";

/** Some servers put an empty error into a good answer. An error with many fields is not empty. */
export function hasError(error: unknown): boolean {
  return saysSomething(shorten(error));
}

function saysSomething(error: unknown): boolean {
  if (typeof error === "object" && error !== null) return Object.values(error).some(saysSomething);
  return Boolean(error);
}

/** The body itself, if it is an error without an error field. */
export function bareError(body: object): unknown {
  const { object, detail, errors, fault, base_resp, ...fields } = body as Fields;
  const { success = fields["ok"], status = fields["statusCode"] } = fields;
  const code = fields["code"] ?? fields["error_code"] ?? fields["errorCode"] ?? fields["errcode"];
  const isFailure = /^[45]\d\d$/.test(String(status)) || (code !== undefined && !isGood(code));
  const { status_code } = (base_resp ?? {}) as Fields;
  const isError =
    object === "error" ||
    typeof detail === "string" ||
    success === false ||
    /^(error|fail|failed|failure)$/i.test(String(status)) ||
    (Array.isArray(errors) && errors.length > 0) ||
    fault !== undefined ||
    (hasWords(body) && isFailure) ||
    (status_code !== undefined && status_code !== 0);
  return isError ? body : undefined;
}

/** Whether a body has a text in a field that errors use. */
export function hasWords(body: object): boolean {
  return messageNames.some((name) => {
    const text = (body as Fields)[name];
    return typeof text === "string" && text !== "";
  });
}

/** Values of `code` in envelopes of good answers. */
function isGood(code: unknown): boolean {
  const text = typeof code === "number" ? String(code) : code;
  return typeof text !== "string" || /^(0+|2\d\d|ok|success|)$/i.test(text);
}

/**
 * An error in a 200, in a choice or in mid-stream.
 *
 * @param body - The body that contained the error, which may have more details than a word or `true`.
 */
export function failureFrom(error: unknown, body: unknown = error): ModelError {
  if (Array.isArray(error)) {
    const first: unknown = error.find(Boolean);
    return failureFrom(typeof first === "string" ? { message: first } : first);
  }
  return toModelError({ error: shorten(typeof error === "object" ? error : body) });
}

/** The provider stopped the answer because of its content: it is not complete. */
export function filtered(): ModelError {
  return new ModelError("The provider's content filter stopped the answer", {
    kind: "permission_error",
    reason: "content_filter",
  });
}

/** The model itself refused, with a reason. */
export function refused(text: string): ModelError {
  return new ModelError(`The model refused to answer: ${text}`, {
    kind: "permission_error",
    reason: "refusal",
  });
}

/** Gemini's finish reasons for a tool call that could not be read: the answer is not complete. */
export const brokenCall =
  /MALFORMED_(FUNCTION_CALL|RESPONSE|TOOL_USE|MODEL_OUTPUT)|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|MISSING_THOUGHT_SIGNATURE/i;

/** The model tried to call a tool, and its provider could not read the call. */
export function brokenOff(reason: string): ModelError {
  return invalid(`The provider could not read the model's tool call: ${reason}`, "broken_call");
}

export function failedMidway(): ModelError {
  return new ModelError("The provider failed in the middle of its answer", {
    kind: "service_error",
  });
}

export type TokenLimits = Pick<RequestFields, "max_tokens" | "max_completion_tokens">;

/**
 * The answer ended where its tokens were used up.
 *
 * @param request - Its limit is named, if it is known.
 */
export function cutOff(partialText: string, request: TokenLimits = {}): ModelError {
  const maxTokens = request.max_tokens ?? request.max_completion_tokens;
  const limit = typeof maxTokens === "number" ? ` (${maxTokens})` : "";
  return invalid(
    `The answer was cut off by max_tokens${limit}: raise the role's maxTokens, or ask for a shorter answer`,
    "cut_off",
  ).withPartialText(partialText);
}

export function usedUp(): ModelError {
  return invalid("The model used up max_tokens before it said anything", "truncated");
}

/** The error of a request with a value that JSON does not have. */
export function notJson(error: unknown, { model }: { readonly model: string }): ModelError {
  return new ModelError(
    `The request cannot be written as JSON: ${messageOf(error)}`,
    { kind: "invalid_request_error", model },
    { cause: error },
  );
}

export function invalid(message: string, reason: ErrorReason): ModelError {
  return new ModelError(message, { kind: "invalid_response_error", reason });
}

/** @param limit - The part of `LLM_MAX_…_BYTES` that names the limit. */
export function tooLarge(limit: "ANSWER" | "EVENT", maxBytes: number): ModelError {
  const what = limit === "ANSWER" ? "answer" : "JSON document";
  return invalid(
    `The server sent a larger ${what} than ${maxBytes} bytes (LLM_MAX_${limit}_BYTES, and max_tokens for an answer)`,
    "too_large",
  );
}
