import { nextTurn, type Clock } from "../clock/index.ts";
import { isUnconnected, ModelError, redactSecrets, toModelError } from "../errors/index.ts";
import type { Fields } from "../input/is-object.ts";
import type { WholeAnswer } from "./whole-answer.ts";
import { setWholeUsage } from "./whole-usage.ts";
import { CompletionAssembler } from "./assemble-completion.ts";
import { EventReader } from "./reading/event-reader.ts";
import type { Endpoint } from "./http/http.ts";
import { bytesBesideTokens, defaultLimits, maxBytesOfToken } from "./limits.ts";
import { forgetAnswer } from "./reading/kept-answers.ts";
import { keptMessages, writeWithMessages } from "./request/kept-json.ts";
import { isAfterAnswer, readLateUsage } from "./late-usage.ts";
import { notJson } from "./invalid-answer.ts";
import { post } from "./http/post.ts";
import { readErrorText } from "./http/read-body.ts";
import { readCompletion } from "./read-completion.ts";
import { errorOfBody } from "./reading/read-json.ts";
import type { Awaitable } from "./request-end.ts";
import { checkCompletion, ResponseState } from "./response-state.ts";
import { stateFields } from "./request/provider-state.ts";
import { tidyCompletion } from "./tidy-completion.ts";
import type { ChatRequest, Completion } from "./wire.ts";
import { shorten } from "./shorten.ts";
import { readWrittenCalls } from "./tool-calls/written-calls.ts";

/** Watches the progress of an answer, to distinguish a slow answer from a dead connection. */
export interface ProgressListener {
  /** A piece of the answer has arrived. */
  progress(): void;
  /** The reader of a stream is busy: until {@link resume}, time does not count. */
  pause(): void;
  resume(): void;
}

/** One request, and the functions that are called while its answer arrives. */
export interface SendOptions {
  readonly request: ChatRequest;
  /** Headers of this request only; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly progress?: ProgressListener | undefined;
  /** Called with each piece of text of a whole answer that is streamed upstream. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Whether to stream an answer that the caller wants whole, to see its progress. */
  readonly streamUpstream?: boolean | undefined;
  /** Whether the JSON of the answer is kept, if it need not be repaired. */
  readonly keepsJson?: boolean | undefined;
  /** Throws for a complete answer that does not match the request. */
  readonly check?: ((completion: Completion) => Awaitable<void>) | undefined;
}

/**
 * Makes one request and returns the whole answer.
 *
 * @throws {ModelError} for everything that is not an answer, with the metadata of the response
 */
export async function sendCompletion(
  endpoint: Endpoint,
  options: SendOptions,
): Promise<WholeAnswer> {
  const { request, streamUpstream } = options;
  const state = new ResponseState();
  try {
    const sent = streamUpstream ? { ...streaming, ...request, stream: true } : request;
    const reader = await send(endpoint, sent, options, state);
    const completion = (await reader.isJson())
      ? await readDocument(reader, options, state)
      : await collect(reader, options, state);
    const message = completion.choices?.[0]?.message as Fields | undefined;
    let isUnusual = false;
    for (const field of unusualFields) isUnusual ||= Boolean(message?.[field]);
    const text = request.tools && message?.["content"];
    if (typeof text === "string" && /^\s*[<[]/.test(text)) {
      readWrittenCalls(completion, request);
      isUnusual ||= Boolean(message?.["tool_calls"]);
    }
    if (isUnusual) {
      forgetAnswer(completion);
      tidyCompletion(completion, request);
    }
    checkCompletion(completion, state.limits.toolCalls);
    await options.check?.(completion);
    return { kind: "whole", completion, metadata: state.metadata };
  } catch (error) {
    throw sendError(error, options, state);
  }
}

const unusualFields = ["tool_calls", "function_call", ...stateFields];
const streaming = { stream: true, stream_options: { include_usage: true } };
/** Characters of a request that is sent in a separate turn of the event loop. */
const largeBody = 2 ** 16;

async function readDocument(
  reader: EventReader,
  { clock, onText, progress }: SendOptions,
  state: ResponseState,
): Promise<Completion> {
  const completion = await reader.readJson();
  readCompletion(completion, state);
  state.metadata.firstTokenAt = clock.now();
  progress?.progress();
  const text = completion.choices?.[0]?.message?.content;
  if (typeof text === "string" && text !== "") onText?.(text);
  return completion;
}

/** Reads a stream to its end. */
async function collect(
  reader: EventReader,
  { clock, onText, progress, signal }: SendOptions,
  state: ResponseState,
): Promise<Completion> {
  const assembler = new CompletionAssembler();
  assembler.maxToolCalls = state.limits.toolCalls;
  try {
    while (!state.isComplete) {
      const chunks = await reader.readChunks(state.isFinished);
      if (!chunks) break;
      for (const chunk of chunks) {
        if (state.take(chunk, clock.now())) progress?.progress();
        const text = assembler.add(chunk);
        if (text !== "") onText?.(text);
        if (state.isComplete) break;
      }
    }
  } catch (error) {
    if (!isAfterAnswer(error, state, signal)) throw error;
  } finally {
    if (state.isFinished && !state.metadata.usage) readLateUsage(reader, state);
    else void reader.leave(state.isFinished);
  }
  state.end();
  const completion = assembler.build();
  const { metadata } = state;
  const { prompt_tokens: prompt, completion_tokens: answer } = completion.usage ?? {};
  if (prompt !== metadata.usage?.promptTokens || answer !== metadata.usage?.completionTokens)
    setWholeUsage(completion, metadata);
  return completion;
}

/**
 * Sends the request and returns a reader of the response.
 *
 * @throws {ModelError} if there is no response, or one with an error status
 */
export async function send(
  endpoint: Endpoint,
  request: ChatRequest,
  { headers, signal, clock, keepsJson }: SendOptions,
  state: ResponseState,
): Promise<EventReader> {
  const { n, tools } = request;
  if (typeof n === "number" && n > 1) state.requestedChoices = n;
  state.tools = tools;
  let body: string | Buffer;
  try {
    const kept = keptMessages.get(request.messages);
    body = kept === undefined ? JSON.stringify(request) : writeWithMessages(request, kept);
  } catch (error) {
    throw notJson(error, request);
  }
  // Serializing took as long as sending will take.
  if (body.length > largeBody) {
    await nextTurn();
    signal.throwIfAborted();
  }
  state.isSent = true;
  const response = await post(endpoint, body, headers, signal);
  state.readHeaders(response);
  const { limits = defaultLimits } = endpoint;
  state.limits = limits;
  if (response.status < 400) {
    const { max_tokens, max_completion_tokens } = request;
    const maxTokens = max_tokens ?? max_completion_tokens ?? Infinity;
    const bytes = bytesBesideTokens + maxTokens * state.requestedChoices * maxBytesOfToken;
    const answer = bytes < limits.answer ? bytes : limits.answer;
    const bounds = { answer, event: limits.event };
    return new EventReader(response.packets, clock, bounds, keepsJson);
  }
  const text = redactSecrets(await readErrorText(response, limits.error));
  const headersReader = { get: (name: string) => response.header(name) };
  const { status } = response;
  const error = {
    status,
    headers: headersReader,
    error: shorten(errorOfBody(text)),
    message: text.trim(),
  };
  throw toModelError(error, {}, clock.now());
}

/** The error of a failed request. If it was sent, with the metadata of its response so far. */
export function sendError(
  error: unknown,
  { request: { model }, signal, clock }: SendOptions,
  { metadata, isSent }: ResponseState,
): ModelError {
  // The reason may be the error of another call, also an error of a check.
  const isOfAbort = signal.aborted && (error === signal.reason || !isOfCheck(error));
  const known = isOfAbort ? aborted(signal) : toModelError(error, { model }, clock.now());
  // An answer that cannot be read is an invalid answer of the server, not a bug of this package.
  const failure =
    known.kind === "unknown_error" && !known.details.isFinal
      ? new ModelError(
          `The answer cannot be read: ${known.message}`,
          { kind: "invalid_response_error", reason: "malformed", model },
          { cause: error },
        )
      : known;
  if (!isSent || isUnconnected(error)) return failure;
  return failure.withResponse({ ...metadata, status: metadata.status ?? failure.status });
}

/** Whether a complete answer was refused, which may happen after the timeout of its attempt. */
function isOfCheck(error: unknown): boolean {
  if (!ModelError.isInstance(error)) return false;
  return error.details.isFinal === true || error.details.reason === "off_schema";
}

/** One of our time limits aborts with its own error; any other reason, also another call's error, is the caller's. */
function aborted({ reason }: AbortSignal): ModelError {
  if (ModelError.isInstance(reason) && isOwnReason(reason)) return reason;
  return new ModelError("The request was aborted", { kind: "aborted" }, { cause: reason });
}

/** Whether this call may have ended its own request with the error, so that it is not about a response. */
function isOwnReason({ kind, status, response }: ModelError): boolean {
  const isOfEnd = kind === "timeout_error" || kind === "aborted";
  return isOfEnd && status === undefined && response === undefined;
}
