import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallKey, Completion, CompletionChunk, CompletionOptions } from "@orchestra/core";
import { asChunks } from "@orchestra/core/extend";
import { ApiError } from "../errors/api-error.ts";
import { readJson } from "../http/read-json.ts";
import { sendError, sendJson } from "../http/respond.ts";
import type { ServerContext } from "../server-context.ts";
import type { AnswerFormat, CallApi } from "./answer-format.ts";
import { CallMeter } from "./call-meter.ts";
import { readCall, type Call } from "./read-call.ts";
import { sendStream } from "./send-stream.ts";

/** Answers requests for completions, in the format of an API. */
export const answerCall =
  (api: CallApi) =>
  async (
    context: ServerContext,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> => {
    const signal = context.calls.begin(outgoing);
    let meter: CallMeter | undefined;
    let model: unknown;
    try {
      const body = await readJson(incoming, outgoing, context.settings.maxBodyBytes);
      meter = new CallMeter();
      const { body: request, format } = api.read(body);
      ({ model } = request);
      const call = readCall(request, incoming.headers, context.roles);
      const client = context.clients.of(incoming);
      client.requireRole(call.agentType ?? "general");
      client.requireModelsOf(call.request);
      await answer(context, call, { meter, signal, outgoing, format, key: client.key });
    } catch (error) {
      const answered = context.roles.explain(context.answerError(error), model);
      sendError(outgoing, withHeaders(answered, meter));
    }
  };

interface Exchange {
  readonly meter: CallMeter;
  readonly signal: AbortSignal;
  readonly outgoing: ServerResponse;
  readonly format: AnswerFormat;
  readonly key: CallKey | undefined;
}

async function answer(
  { gateway, settings, answerError }: ServerContext,
  { request, agentType, mode }: Call,
  { meter, signal, outgoing, format, key }: Exchange,
): Promise<void> {
  const options: CompletionOptions = {
    agentType,
    signal,
    key,
    onEvent: meter.listen,
    streamUpstream: mode === "whole",
    keepsJson: format.keepsJson,
  };
  const result = gateway.completions.create(request, options);
  const { readerTimeoutMs } = gateway.settings;
  if (mode === undefined) {
    const completion = (await result) as Completion;
    sendJson(outgoing, format.whole(completion), { headers: meter.headers(completion.provider) });
    return;
  }
  const chunks = mode === "whole" ? result.then((whole) => chunksOf(whole as Completion)) : result;
  const stream = {
    chunks: chunks as Promise<AsyncIterable<CompletionChunk>>,
    writer: format.stream(),
    answerError,
    signal,
    readerTimeoutMs,
    keepAliveMs: settings.keepAliveMs,
  };
  await sendStream(outgoing, stream, meter);
}

async function* chunksOf(completion: Completion): AsyncGenerator<CompletionChunk> {
  yield* asChunks(completion);
}

/** An error with the metadata of its call. */
function withHeaders(error: ApiError, meter: CallMeter | undefined): ApiError {
  if (!meter) return error;
  const { message, details } = error;
  const headers = { ...meter.headers(), ...details.headers };
  return new ApiError(message, { ...details, headers });
}
