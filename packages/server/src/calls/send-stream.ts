import type { ServerResponse } from "node:http";
import type { CompletionChunk } from "@orchestra/core";
import type { AnswerError } from "../errors/answer-errors.ts";
import { ApiError } from "../errors/api-error.ts";
import { untilRead } from "../http/until-read.ts";
import type { EventWriter } from "./answer-format.ts";
import type { CallMeter } from "./call-meter.ts";
import { EventWrites } from "./event-writes.ts";

/** A streamed answer, and the timeouts of its reader. */
export interface ChunkStream {
  /** Resolves at the first token. */
  readonly chunks: Promise<AsyncIterable<CompletionChunk>>;
  readonly writer: EventWriter;
  readonly answerError: AnswerError;
  readonly signal: AbortSignal;
  /** Maximum time for which the client does not read, in milliseconds. */
  readonly readerTimeoutMs: number;
  /** Time without a first token after which the client gets a comment, and between comments. */
  readonly keepAliveMs: number;
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // For nginx, which would buffer chunks.
  "x-accel-buffering": "no",
} as const;

/** Clients skip this comment. It keeps proxies from closing a connection without data. */
const comment = ": ORCHESTRA PROCESSING\n\n";

/**
 * Sends chunks as server-sent events. The next chunk is read when the client has room for it, so that a
 * slow client does not use more memory here.
 *
 * @throws the error that ended the stream, if the headers were not sent yet: later, an event reports it
 */
export async function sendStream(
  outgoing: ServerResponse,
  { chunks, writer, answerError, signal, readerTimeoutMs, keepAliveMs }: ChunkStream,
  meter: CallMeter,
): Promise<void> {
  const sendHead = (provider?: unknown): void => {
    if (outgoing.headersSent) return;
    outgoing.writeHead(200, { ...streamHeaders, ...meter.headers(provider) });
  };
  const keepAlive = setInterval(() => {
    sendHead();
    outgoing.write(comment);
  }, keepAliveMs);
  const writes = new EventWrites(outgoing);
  let iterator: AsyncIterator<CompletionChunk> | undefined;
  try {
    iterator = (await chunks)[Symbol.asyncIterator]();
    let result = await iterator.next();
    clearInterval(keepAlive);
    sendHead(result.value?.provider);
    while (!result.done) {
      if ("restart" in result.value) throw restarted();
      if (!writes.add(writer.chunk(result.value))) {
        await untilRead(outgoing, signal, readerTimeoutMs);
      }
      result = await iterator.next();
    }
    writes.end(writer.end());
  } catch (error) {
    if (!outgoing.headersSent) throw error;
    if (!outgoing.destroyed) writes.end(writer.fail(answerError(error)));
  } finally {
    clearInterval(keepAlive);
    await iterator?.return?.();
  }
}

/** A client would concatenate the text of both answers. */
function restarted(): ApiError {
  return new ApiError(
    "The answer broke off, and starts again from its beginning (LLM_STREAM_RESTARTS), which this API cannot announce. Send the request again, with the header X-Orchestra-Stream: whole.",
    { status: 502, type: "service_error", code: "interrupted" },
  );
}
