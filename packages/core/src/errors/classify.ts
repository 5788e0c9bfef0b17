import { systemClock } from "../clock/index.ts";
import { classifyConnection } from "./classify-connection.ts";
import { classifyResponse, readAffordableTokens } from "./classify-response.ts";
import { readErrorBody } from "./error-body.ts";
import type { ErrorKind } from "./error-kinds.ts";
import { ModelError, type ModelErrorDetails } from "./model-error.ts";
import { OrchestraError, type ErrorCode } from "./orchestra-error.ts";
import { errorKinds } from "./error-kinds.ts";
import { readRetryAfter } from "./retry-after.ts";

/**
 * Kind of anything that was thrown: this package's errors, the OpenAI client's, Node's socket
 * errors, OpenRouter's error bodies and mid-stream chunks. Never throws.
 */
export function classify(error: unknown): ErrorKind {
  if (OrchestraError.isInstance(error))
    return isErrorKind(error.code) ? error.code : "unknown_error";
  return toModelError(error).kind;
}

/**
 * Turns anything that was thrown into a {@link ModelError} with all that can be known of it.
 *
 * @param context - What the thrower could not know, such as the model.
 * @param now - Milliseconds since the epoch, to turn dates in headers into waits.
 */
export function toModelError(
  error: unknown,
  context: Partial<ModelErrorDetails> = {},
  now: number = systemClock.now(),
): ModelError {
  for (const link of causes(error)) {
    if (ModelError.isInstance(link)) return link.with(context);
    const details = read(link, now);
    if (details)
      return new ModelError(messageOf(link), { ...context, ...details }, { cause: error });
  }
  const kind = isOfConnection(error) ? "connection_error" : "unknown_error";
  return new ModelError(messageOf(error), { ...context, kind }, { cause: error });
}

function read(error: unknown, now: number): ModelErrorDetails | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { name, code } = error as { name?: unknown; code?: unknown };
  const className = nameOfClass(error);
  if (isAbort(name, className)) return { kind: "aborted" };
  if (className === "APIConnectionTimeoutError" || name === "TimeoutError") {
    return { kind: "timeout_error" };
  }
  const answer = readAnswer(error, now);
  if (answer) return answer;
  const kind = classifyConnection(code);
  if (kind) return { kind };
  if (error instanceof SyntaxError) return { kind: "invalid_response_error", reason: "malformed" };
  if (messageOf(error) === "terminated") return { kind: "connection_error" };
  return undefined;
}

/** The OpenAI client's errors are all called "Error"; only their classes tell them apart. */
function nameOfClass(error: unknown): string {
  const { constructor } = Object(error) as { constructor?: unknown };
  return typeof constructor === "function" ? constructor.name : "";
}

/** The request came to nothing, and what caused it has no code that we know. */
function isOfConnection(error: unknown): boolean {
  for (const link of causes(error)) {
    const isFetch = link instanceof TypeError && link.message === "fetch failed";
    if (isFetch || nameOfClass(link) === "APIConnectionError") return true;
  }
  return false;
}

function isAbort(name: unknown, className: string): boolean {
  return name === "AbortError" || name === "ModelAbortError" || className === "APIUserAbortError";
}

/** Reads an HTTP error, an error body by itself, or the error that a stream carried. */
function readAnswer(error: object, now: number): ModelErrorDetails | undefined {
  const {
    status,
    headers,
    error: inner,
  } = error as {
    status?: unknown;
    headers?: unknown;
    error?: unknown;
  };
  // An error object's own message and code are its thrower's, not a server's.
  const body = (error instanceof Error ? undefined : readErrorBody(error)) ?? readErrorBody(inner);
  const httpStatus = typeof status === "number" ? status : undefined;
  if (httpStatus === undefined && !body) return undefined;
  const affordableTokens = readAffordableTokens(body);
  return {
    ...classifyResponse(httpStatus, body),
    status: httpStatus ?? numeric(body?.code),
    provider: body?.provider,
    limitSource: body?.limitSource,
    retryAfterMs: readRetryAfter((name) => header(headers, name), body, now),
    ...(affordableTokens === undefined ? {} : { affordableTokens }),
  };
}

function header(headers: unknown, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (typeof headers !== "object" || headers === null) return undefined;
  const value = (headers as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}

function numeric(code: unknown): number | undefined {
  const number = Number(code);
  return Number.isInteger(number) && number >= 400 ? number : undefined;
}

/** The error, then what caused it, then what caused that; a loop or a long chain ends. */
function* causes(error: unknown): Generator {
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0 && seen.size < 16) {
    const link = queue.shift();
    if (link === undefined || link === null || seen.has(link)) continue;
    seen.add(link);
    yield link;
    if (typeof link !== "object") continue;
    const { cause, errors } = link as { cause?: unknown; errors?: unknown };
    queue.push(cause, ...(Array.isArray(errors) ? errors : []));
  }
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null) {
    const body = readErrorBody(error) ?? readErrorBody((error as { error?: unknown }).error);
    const told = [body?.message, body?.raw].filter(Boolean).join(": ");
    if (told) return told;
    if (error instanceof Error) return error.message || error.name;
  }
  return typeof error === "string" ? error : "An error without a message";
}

function isErrorKind(code: ErrorCode): code is ErrorKind {
  return (errorKinds as readonly string[]).includes(code);
}
