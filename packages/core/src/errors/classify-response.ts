import { byWords, isKeyRefused } from "./classify-words.ts";
import type { ErrorBody } from "./error-body.ts";
import type { ErrorKind } from "./error-kinds.ts";
import type { ErrorReason } from "./model-error.ts";

/** A kind and, if needed, the reason inside it. */
export interface Verdict {
  readonly kind: ErrorKind;
  readonly reason?: ErrorReason;
}

/**
 * Kind of an error answer, from its status and body.
 *
 * The status is not sufficient: OpenRouter answers 402 for credit that is only held, 429 for a
 * quota that lasts until the next day, and 404 for a provider that failed once.
 */
export function classifyResponse(status: number | undefined, body: ErrorBody | undefined): Verdict {
  const effective = statusOf(status, body);
  return byBody(effective, body) ?? byStatus(effective) ?? byErrorType(body) ?? unnamed(body);
}

/** Once a model has begun, OpenRouter answers 200 and puts the status into the error's code. */
function statusOf(status: number | undefined, body: ErrorBody | undefined): number | undefined {
  const code = Number(body?.code);
  const isStatus = Number.isInteger(code) && code >= 400 && code <= 599;
  if (isStatus && (status === undefined || status < 400)) return code;
  return status !== undefined && status >= 400 ? status : undefined;
}

function byBody(status: number | undefined, body: ErrorBody | undefined): Verdict | undefined {
  if (!body) return undefined;
  if (isDailyQuota(body)) return { kind: "quota_error", reason: "daily_quota" };
  // OpenAI, behind a gateway, reports an empty account as a rate limit.
  if (body.code === "insufficient_quota") return { kind: "insufficient_credits_error" };
  if (status === 402 || body.limitSource === "openrouter_key_limit") {
    return { kind: creditKind(body), ...creditReason(body) };
  }
  if (status === 400 && isKeyRefused(body)) return { kind: "authentication_error" };
  if (isUnsupportedFeature(status, body)) {
    return { kind: "invalid_request_error", reason: "unsupported_feature" };
  }
  if (isModelNotFound(status, body)) {
    return { kind: "invalid_request_error", reason: "model_not_found" };
  }
  if (status === 404 && isUpstreamFault(body)) return { kind: "service_error" };
  if (isContextTooLong(body)) {
    return { kind: "invalid_request_error", reason: "context_length_exceeded" };
  }
  if (isContentFilter(status, body)) return { kind: "permission_error", reason: "content_filter" };
  return undefined;
}

/**
 * Statuses below 500 for requests that may succeed when they are repeated: a conflict with another request,
 * which OpenAI's client repeats too, a model that failed (424: TGI, Bedrock), a request that came too early
 * (https://www.rfc-editor.org/rfc/rfc8470#section-5.2), and one that the provider cancelled (499: Google).
 */
const temporary: ReadonlySet<number> = new Set([409, 424, 425, 499]);

function byStatus(status: number | undefined): Verdict | undefined {
  if (status === undefined) return undefined;
  if (status === 401) return { kind: "authentication_error" };
  if (status === 402) return { kind: "insufficient_credits_error" };
  if (status === 403) return { kind: "permission_error" };
  if (status === 408) return { kind: "timeout_error" };
  if (status === 429) return { kind: "rate_limit_error" };
  const isOfServer = status >= 500 || temporary.has(status);
  return { kind: isOfServer ? "service_error" : "invalid_request_error" };
}

const kindOfErrorType = new Map<string, ErrorKind>(
  Object.entries({
    authentication: "authentication_error",
    permission_denied: "permission_error",
    payment_required: "insufficient_credits_error",
    rate_limit_exceeded: "rate_limit_error",
    provider_overloaded: "service_error",
    provider_unavailable: "service_error",
    server: "service_error",
    server_error: "service_error",
    timeout: "timeout_error",
    invalid_request: "invalid_request_error",
    invalid_prompt: "invalid_request_error",
    max_tokens_exceeded: "invalid_request_error",
    token_limit_exceeded: "invalid_request_error",
    string_too_long: "invalid_request_error",
    not_found: "invalid_request_error",
    payload_too_large: "invalid_request_error",
    precondition_failed: "invalid_request_error",
    unprocessable: "invalid_request_error",
    // The names that OpenAI, Anthropic and Google use.
    rate_limit_error: "rate_limit_error",
    overloaded_error: "service_error",
    api_error: "service_error",
    authentication_error: "authentication_error",
    invalid_api_key: "authentication_error",
    permission_error: "permission_error",
    billing_error: "insufficient_credits_error",
    insufficient_balance: "insufficient_credits_error",
    not_found_error: "invalid_request_error",
    invalid_request_error: "invalid_request_error",
    request_too_large: "invalid_request_error",
    timeout_error: "timeout_error",
    RESOURCE_EXHAUSTED: "rate_limit_error",
    UNAVAILABLE: "service_error",
    INTERNAL: "service_error",
    DEADLINE_EXCEEDED: "timeout_error",
    UNAUTHENTICATED: "authentication_error",
    PERMISSION_DENIED: "permission_error",
    INVALID_ARGUMENT: "invalid_request_error",
    NOT_FOUND: "invalid_request_error",
    invalid_image: "invalid_request_error",
    image_download_failed: "invalid_request_error",
  } as const),
);

function byErrorType(body: ErrorBody | undefined): Verdict | undefined {
  const kind =
    kindOfErrorType.get(body?.errorType ?? "") ?? kindOfErrorType.get(String(body?.code));
  return kind ? { kind } : undefined;
}

/** An error without a status or a known type comes in mid-stream or in a 200: usually the provider failed. */
function unnamed(body: ErrorBody | undefined): Verdict {
  return { kind: byWords(body) ?? "service_error" };
}

function isDailyQuota(body: ErrorBody): boolean {
  return (
    body.limitSource === "openrouter_free_tier_daily" || has(body.message, "free-models-per-day")
  );
}

function creditKind(body: ErrorBody): ErrorKind {
  const isHeld =
    body.limitSource === "openrouter_in_flight_budget" ||
    body.reason === "in_flight_budget_exhausted";
  return isHeld ? "rate_limit_error" : "insufficient_credits_error";
}

function creditReason(body: ErrorBody): { reason?: ErrorReason } {
  if (creditKind(body) === "rate_limit_error") return { reason: "in_flight_budget" };
  const isTooLarge = readAffordableTokens(body) !== undefined;
  return isTooLarge ? { reason: "unaffordable_max_tokens" } : {};
}

/** The number in "can only afford N"; `undefined` if the body does not contain it. */
export function readAffordableTokens(body: ErrorBody | undefined): number | undefined {
  const match = /can only afford (\d+)/i.exec(body?.message ?? "");
  return match ? Number(match[1]) : undefined;
}

const unavailable: ReadonlySet<string> = new Set([
  "model_not_found",
  "model_deprecated",
  "model_unavailable_upstream",
  "no_endpoints",
  "free_variant_ended",
]);

function isModelNotFound(status: number | undefined, body: ErrorBody): boolean {
  if (unavailable.has(body.availability ?? "") || body.code === "model_not_found") return true;
  if (status !== undefined && status !== 400 && status !== 404) return false;
  return (
    has(body.message, "not a valid model") ||
    has(body.message, "no endpoints found") ||
    has(body.message, "model not found") ||
    /model.{0,80}(does not exist|not found)/i.test(body.message ?? "")
  );
}

/** No endpoint of the model supports a part of the request. */
function isUnsupportedFeature(status: number | undefined, { message = "", raw = "" }: ErrorBody) {
  if (status !== 400 && status !== 404) return false;
  return /no endpoints found that (support|can handle)|does not support (tools|tool use|function calling|image|audio|vision)/i.test(
    `${message} ${raw}`,
  );
}

/** "Provider returned error" with a 404 is a temporary failure of the provider. */
function isUpstreamFault(body: ErrorBody): boolean {
  return body.provider !== undefined || body.retryable === true;
}

const contextCodes = new Set(["context_length_exceeded", "exceed_context_size_error"]);

/** Messages of servers for a prompt that is longer than the context of the model. */
const contextTooLong =
  /maximum (context|prompt) length|context (length|window|size).{0,40}(exceed|too|limit|greater|larger|longer)|(exceed|too (long|large)|greater than|larger than|longer than).{0,60}context|prompt is too long|input is too long|input token count.{0,40}exceeds|too many (input )?tokens|tokens. \+ .max_new_tokens|reduce the length of (the|your) (messages|prompt|input)|too large for model with/i;

function isContextTooLong(body: ErrorBody): boolean {
  if (contextCodes.has(body.errorType ?? "") || contextCodes.has(String(body.code))) return true;
  // A message about tokens per minute mentions too many tokens too.
  const text = `${body.message ?? ""} ${body.raw ?? ""}`;
  return contextTooLong.test(text) && !/per (minute|day)|\b(tpm|rpm)\b/i.test(text);
}

const contentCodes = new Set([
  "content_filter",
  "content_policy_violation",
  "refusal",
  "responsibleaipolicyviolation",
]);

function isContentFilter(status: number | undefined, body: ErrorBody): boolean {
  return (
    contentCodes.has(body.errorType ?? "") ||
    contentCodes.has(String(body.code).toLowerCase()) ||
    has(body.message, "content management policy") ||
    (status === 403 && (body.reasons !== undefined || has(body.message, "moderation")))
  );
}

function has(text: string | undefined, part: string): boolean {
  return text?.toLowerCase().includes(part) ?? false;
}
