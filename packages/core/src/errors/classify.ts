import { systemClock } from "../clock/index.ts";
import { classifyConnection, isOfConnecting, plainReason } from "./classify-connection.ts";
import { classifyResponse, readAffordableTokens } from "./classify-response.ts";
import { readErrorBody, type ErrorBody } from "./error-body.ts";
import { escapeControls } from "./escape-controls.ts";
import { errorKinds, type ErrorKind } from "./error-kinds.ts";
import { ModelError, type ModelErrorDetails } from "./model-error.ts";
import { OrchestraError } from "./orchestra-error.ts";
import { readRetryAfter } from "./retry-after.ts";
import { redactedStart } from "./secrets.ts";

/**
 * Kind of any thrown value: this package's errors, the OpenAI client's, Node's socket
 * errors, OpenRouter's error bodies and mid-stream chunks. Never throws.
 */
export function classify(error: unknown): ErrorKind {
  try {
    if (OrchestraError.isInstance(error) && isErrorKind(error.code)) return error.code;
  } catch {
    return "unknown_error";
  }
  return toModelError(error).kind;
}

function addsNothing(context: Partial<ModelErrorDetails>, details: ModelErrorDetails): boolean {
  return (Object.keys(context) as (keyof ModelErrorDetails)[]).every(
    (name) => context[name] === undefined || details[name] !== undefined,
  );
}

/**
 * Turns any thrown value into a {@link ModelError} with all available details.
 * Never throws.
 *
 * @param context - Details that the thrower does not have, such as the model.
 * @param now - Milliseconds since the epoch, to turn dates in headers into waits.
 */
export function toModelError(
  error: unknown,
  context: Partial<ModelErrorDetails> = {},
  now: number = systemClock.now(),
): ModelError {
  try {
    // A complete error is returned unchanged, so that it can be recognized.
    if (error instanceof ModelError && addsNothing(context, error.details)) return error;
    const { message, details, cause } = identify(error, now);
    return new ModelError(message, details, { cause }).with(context);
  } catch (cause) {
    // Any value can be thrown, even an object whose properties throw.
    const details = { ...context, kind: "unknown_error" } as const;
    return new ModelError("The error cannot be read", details, { cause });
  }
}

function identify(error: unknown, now: number): Pick<ModelError, "message" | "details" | "cause"> {
  for (const link of causes(error)) {
    if (ModelError.isInstance(link)) return link;
    const details = read(link, now);
    if (details)
      return { message: plainReason(link) ?? explanationOf(link), details, cause: error };
  }
  const kind = isOfConnection(error) ? "connection_error" : "unknown_error";
  return { message: explanationOf(error), details: { kind }, cause: error };
}

function read(error: unknown, now: number): ModelErrorDetails | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const kind = classifyConnection(error);
  if (kind) return { kind };
  const { name } = error as { name?: unknown };
  const className = nameOfClass(error);
  if (isAbort(name, className)) return { kind: "aborted" };
  if (className === "APIConnectionTimeoutError" || name === "TimeoutError") {
    return { kind: "timeout_error" };
  }
  const answer = readAnswer(error, now);
  if (answer) return answer;
  if (error instanceof SyntaxError) return { kind: "invalid_response_error", reason: "malformed" };
  if (explanationOf(error) === "terminated") return { kind: "connection_error" };
  return undefined;
}

/** The OpenAI client's errors all have the name "Error"; only their classes distinguish them. */
function nameOfClass(error: unknown): string {
  const { constructor } = Object(error) as { constructor?: unknown };
  return typeof constructor === "function" ? constructor.name : "";
}

/** The request failed, and its cause has no known code. */
function isOfConnection(error: unknown): boolean {
  for (const link of causes(error)) {
    const isFetch = link instanceof TypeError && link.message === "fetch failed";
    if (isFetch || nameOfClass(link) === "APIConnectionError") return true;
  }
  return false;
}

/** Whether a request failed before a connection was established, so that nothing was sent. */
export function isUnconnected(error: unknown): boolean {
  try {
    for (const link of causes(error)) if (isOfConnecting(link)) return true;
    return false;
  } catch {
    // Any value can be thrown, even an object whose properties throw.
    return false;
  }
}

function isAbort(name: unknown, className: string): boolean {
  return name === "AbortError" || name === "ModelAbortError" || className === "APIUserAbortError";
}

/** Reads an HTTP error, an error body, or an error in a stream. */
function readAnswer(error: object, now: number): ModelErrorDetails | undefined {
  const { status, headers } = error as { status?: unknown; headers?: unknown };
  const body = bodyOf(error);
  const httpStatus = typeof status === "number" ? status : undefined;
  if (httpStatus === undefined && !body) return undefined;
  const verdict = classifyResponse(httpStatus, body);
  return {
    ...verdict,
    status: httpStatus ?? numeric(body?.code),
    provider: body?.provider,
    limitSource: body?.limitSource,
    retryAfterMs: readRetryAfter((name) => header(headers, name), body, verdict.kind, now),
    affordableTokens: readAffordableTokens(body),
  };
}

/** The message and code of an error object are its thrower's; those of a server are in its `error`. */
function bodyOf(error: object): ErrorBody | undefined {
  if (!(error instanceof Error)) return readErrorBody(error);
  return readErrorBody({ error: (error as { error?: unknown }).error });
}

/** @param name - In lower case. */
function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return typeof found?.[1] === "string" ? found[1] : undefined;
}

function isHeaders(headers: object): headers is Pick<Headers, "get"> {
  return "get" in headers && typeof headers.get === "function";
}

function numeric(code: unknown): number | undefined {
  const number = Number(code);
  return Number.isInteger(number) && number >= 400 ? number : undefined;
}

/** The error, then its cause, then the cause of that; a loop or a long chain ends. */
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

/** The message of an error, or of the server behind it. */
function explanationOf(error: unknown): string {
  if (isText(error)) return redactedStart(error, maxMessage);
  if (typeof error !== "object" || error === null) return "An error without a message";
  const body = bodyOf(error);
  const explanation = joined([body?.message, body?.reasons?.join(", "), body?.raw]);
  if (explanation !== "") return escapeControls(redactedStart(explanation, maxMessage));
  const { message, code, name, status } = error as Readonly<Record<string, unknown>>;
  const texts = [message, code, typeof status === "number" ? `HTTP ${status}` : name];
  const text = texts.find(isText) ?? "An error without a message";
  return redactedStart(withoutPage(text), maxMessage);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** The parts of a message, without the full stop or the colon before the next part. */
function joined(parts: readonly (string | undefined)[]): string {
  const texts = parts.map((part) => withoutPage(part?.trim() ?? "")).filter((part) => part !== "");
  return texts
    .map((text, at) => (at < texts.length - 1 ? text.replace(/[.:]$/, "") : text))
    .join(": ");
}

/** Some servers send a whole web page as the explanation. It is replaced by its title. */
function withoutPage(text: string): string {
  if (!/^<(!doctype|html)/i.test(text)) return text;
  const [, title] = /<title\b[^>]*>([^<]+)/i.exec(text.slice(0, maxHead)) ?? [];
  const words = title?.trim().replaceAll(/\s+/g, " ");
  return words ? `A web page: ${JSON.stringify(words)}` : text;
}

/** Characters of a web page in which its title is searched. */
const maxHead = 4000;

const maxMessage = 2000;

function isErrorKind(code: string): code is ErrorKind {
  return (errorKinds as readonly string[]).includes(code);
}
