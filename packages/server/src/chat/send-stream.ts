import type { ServerResponse } from "node:http";
import type { CompletionChunk } from "@orchestra/core";
import { ApiError, errorBody } from "../errors/api-error.ts";
import { toApiError } from "../errors/to-api-error.ts";
import { untilRead } from "../http/until-read.ts";
import type { CallMeter } from "./call-meter.ts";
import { toJson } from "./to-json.ts";

/** A streamed answer, and how long its reader may take. */
export interface ChunkStream {
  readonly chunks: AsyncIterable<CompletionChunk>;
  readonly signal: AbortSignal;
  /** Longest time for which the client does not read, in milliseconds. */
  readonly readerTimeoutMs: number;
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // For nginx, which would hold chunks back.
  "x-accel-buffering": "no",
} as const;

const done = "data: [DONE]\n\n";

/**
 * Sends chunks as server-sent events. The next chunk is read when the client has room for it, so that a
 * slow one is not ahead of its memory here.
 *
 * @throws what ended the stream before its first chunk: after it, an event says so
 */
export async function sendStream(
  outgoing: ServerResponse,
  { chunks, signal, readerTimeoutMs }: ChunkStream,
  meter: CallMeter,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    let result = await iterator.next();
    outgoing.writeHead(200, { ...streamHeaders, ...meter.headers(result.value?.provider) });
    while (!result.done) {
      if ("restart" in result.value) throw restarted();
      if (!outgoing.write(`data: ${toJson(result.value)}\n\n`)) {
        await untilRead(outgoing, signal, readerTimeoutMs);
      }
      result = await iterator.next();
    }
    outgoing.end(done);
  } catch (error) {
    if (!outgoing.headersSent) throw error;
    if (!outgoing.destroyed) outgoing.end(`data: ${errorEvent(error)}\n\n${done}`);
  } finally {
    await iterator.return?.();
  }
}

/** A chunk that says how the stream ended, as OpenRouter sends it. */
function errorEvent(thrown: unknown): string {
  const { error } = JSON.parse(errorBody(toApiError(thrown))) as { readonly error: object };
  const choices = [{ index: 0, delta: { content: "" }, finish_reason: "error" }];
  return JSON.stringify({ object: "chat.completion.chunk", choices, error });
}

/** A client would put the text of both answers together. */
function restarted(): ApiError {
  return new ApiError(
    "The answer broke off, and starts again from its beginning (LLM_STREAM_RESTARTS), which this API cannot say. Send the request again, with the header X-Orchestra-Stream: whole.",
    { status: 502, type: "service_error", code: "interrupted" },
  );
}
