import type { IncomingMessage, ServerResponse } from "node:http";
import type { Completion, CompletionChunk, CompletionOptions } from "@orchestra/core";
import { asChunks } from "@orchestra/core/extend";
import { toApiError } from "../errors/to-api-error.ts";
import { readJson } from "../http/read-json.ts";
import { sendError, sendJson } from "../http/respond.ts";
import type { ServerContext } from "../server-context.ts";
import { ApiError } from "../errors/api-error.ts";
import { CallMeter } from "./call-meter.ts";
import { readChatCall, type ChatCall } from "./read-chat-call.ts";
import { sendStream } from "./send-stream.ts";
import { toJson } from "./to-json.ts";

/** Answers `POST /v1/chat/completions`. */
export async function answerChat(
  context: ServerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const signal = context.calls.begin(outgoing);
  let meter: CallMeter | undefined;
  try {
    const body = await readJson(incoming, outgoing, context.settings.maxBodyBytes);
    meter = new CallMeter();
    const call = readChatCall(body, incoming.headers, context.roles);
    await answer(context, call, { meter, signal, outgoing });
  } catch (error) {
    sendError(outgoing, describe(error, meter, context));
  }
}

interface Exchange {
  readonly meter: CallMeter;
  readonly signal: AbortSignal;
  readonly outgoing: ServerResponse;
}

async function answer(
  { orchestra }: ServerContext,
  { request, agentType, mode }: ChatCall,
  { meter, signal, outgoing }: Exchange,
): Promise<void> {
  const options: CompletionOptions = {
    agentType,
    signal,
    onEvent: meter.listen,
    streamUpstream: mode === "whole",
  };
  const answer = await orchestra.completions.create(request, options);
  const { readerTimeoutMs } = orchestra.settings;
  if (mode === undefined) {
    const completion = answer as Completion;
    const { provider } = completion;
    sendJson(outgoing, toJson(completion), { headers: meter.headers(provider) });
    if (outgoing.writableLength > 0) endUnread(outgoing, readerTimeoutMs);
    return;
  }
  const chunks = mode === "whole" ? fromList(answer as Completion) : answer;
  const stream = { chunks: chunks as AsyncIterable<CompletionChunk>, signal, readerTimeoutMs };
  await sendStream(outgoing, stream, meter);
}

/** Ends the connection of a client that does not read the rest of its answer. */
function endUnread(outgoing: ServerResponse, timeoutMs: number): void {
  outgoing.setTimeout(timeoutMs, () => outgoing.destroy());
}

async function* fromList(completion: Completion): AsyncGenerator<CompletionChunk> {
  yield* asChunks(completion);
}

/** The error as the client gets it; what is not expected is logged. */
function describe(
  thrown: unknown,
  meter: CallMeter | undefined,
  { orchestra }: ServerContext,
): ApiError {
  const error = toApiError(thrown);
  if (error.details.status === 500) orchestra.logger.error("A request failed", { error: thrown });
  if (!meter) return error;
  const { message, details } = error;
  const headers = { ...meter.headers(), ...details.headers };
  return new ApiError(message, { ...details, headers });
}
