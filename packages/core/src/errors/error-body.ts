import { readWait, secondsIn } from "./read-wait.ts";

/**
 * The parts of an error body that determine how to handle it, from the known forms:
 * OpenRouter's `{ error: { code, message, metadata, availability } }`, the same nested by an
 * OpenAI client or a gateway, and Portkey's body that contains the original as a string.
 *
 * Source: https://openrouter.ai/docs/api-reference/errors
 */
export interface ErrorBody {
  readonly code?: number | string | undefined;
  readonly message?: string | undefined;
  readonly errorType?: string | undefined;
  readonly limitSource?: string | undefined;
  readonly reason?: string | undefined;
  readonly provider?: string | undefined;
  /** The reasons of a moderation. */
  readonly reasons?: readonly string[] | undefined;
  /** The provider's own message; an empty string is different from none. */
  readonly raw?: string | undefined;
  /** `error.availability.code`. */
  readonly availability?: string | undefined;
  /** `error.availability.retryable`. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Headers that OpenRouter repeats inside the body, lower-cased. */
  readonly headers: ReadonlyMap<string, string>;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads an error body in any known form; `undefined` for any other body. Never throws. */
export function readErrorBody(body: unknown): ErrorBody | undefined {
  const error = findError(body);
  if (!error) return undefined;
  const nested = nestedBody(error["message"]);
  if (nested) return nested;

  const metadata = asJson(error["metadata"]) ?? {};
  const availability = asJson(error["availability"]) ?? {};
  return {
    code: asCode(error["code"]) ?? asStatus(error),
    message: asMessage(error),
    errorType:
      asString(metadata["error_type"]) ??
      asString(error["error_type"]) ??
      asString(error["type"]) ??
      asString(error["status"]),
    limitSource: asString(metadata["limit_source"]),
    reason: asString(metadata["reason"]),
    reasons: asStrings(metadata["reasons"]),
    provider: asString(metadata["provider_name"]),
    raw: asString(metadata["raw"]),
    availability: asString(availability["code"]),
    retryable:
      typeof availability["retryable"] === "boolean" ? availability["retryable"] : undefined,
    retryAfterSeconds:
      secondsIn(metadata["retry_after_seconds"]) ??
      secondsIn(availability["retry_after"]) ??
      readWait(error, metadata["raw"]),
    headers: readHeaders(metadata["headers"]),
  };
}

function findError(body: unknown): Json | undefined {
  const json = asJson(body);
  if (!json) return undefined;
  const error = asJson(json["error"]);
  const minimax = asJson((error ?? json)["base_resp"]);
  if (minimax) return { message: minimax["status_msg"], code: minimaxCode(minimax) };
  if (error) return innerError(error) ?? error;
  const inner = innerError(json);
  if (inner) return inner;
  const isError = "code" in json || "metadata" in json || asStatus(json) !== undefined;
  return isError && asMessage(json) !== undefined ? json : undefined;
}

/**
 * The error of an envelope: a text, or a word beside the text, such as `{ error: "Unauthorized", message }`;
 * in a list, as Cloudflare's; or under another name, as Apigee's.
 */
function innerError(json: Json): Json | undefined {
  const { error, errors, fault, ...rest } = json;
  const listed: unknown = Array.isArray(errors) ? errors[0] : errors;
  const inner = [error, listed, fault].find((each) => asJson(each) ?? asString(each));
  const found = asJson(inner);
  if (found) return { ...rest, ...found, message: asMessage(found) ?? asMessage(rest) };
  const text = asString(inner);
  if (text === undefined) return undefined;
  const message = asMessage(rest);
  return { ...rest, code: rest["code"] ?? (message && text), message: message ?? text };
}

/** Gateways that do not follow OpenAI use other names for the text and the number of an error. */
function asMessage(error: Json): string | undefined {
  const names = messageNames.map((name) => error[name]);
  return names.map(asString).find((text) => text !== undefined && text !== "");
}

/** Names that servers use for the text of an error. */
export const messageNames =
  "message detail msg error_msg errorMessage error_message errmsg Message error_description faultstring title".split(
    " ",
  );

function asStatus(error: Json): number | undefined {
  const { http_status, statusCode, status, status_code, error_code, errorCode } = error;
  return [http_status, statusCode, status, status_code, error_code, errorCode]
    .map((value) => asNumber(typeof value === "string" && value !== "" ? Number(value) : value))
    .find((number) => number !== undefined);
}

/**
 * The HTTP status for MiniMax's own codes, which come in a 200.
 *
 * Source: https://platform.minimax.io/docs/api-reference/errorcode
 */
function minimaxCode({ status_code: code }: Json): number {
  const statuses: Json = { 1001: 504, 1002: 429, 1004: 401, 1008: 402, 2013: 400, 2049: 401 };
  return asNumber(statuses[String(asNumber(code))]) ?? 500;
}

/** Maximum characters of a body in a message. */
const maxNested = 2 ** 16;

/** Portkey's gateway puts the provider's whole body, as text, into its own message. */
function nestedBody(message: unknown): ErrorBody | undefined {
  if (typeof message !== "string") return undefined;
  const start = message.indexOf('{"');
  if (start < 0 || message.length > maxNested || !message.includes('"error"')) return undefined;
  try {
    return readErrorBody(JSON.parse(message.slice(start)));
  } catch {
    return undefined;
  }
}

function readHeaders(value: unknown): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, content] of Object.entries(asJson(value) ?? {})) {
    const text = asString(content) ?? asNumber(content)?.toString();
    if (text !== undefined) headers.set(name.toLowerCase(), text);
  }
  return headers;
}

function asJson(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function asStrings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function asCode(value: unknown): number | string | undefined {
  return asNumber(value) ?? asString(value);
}
