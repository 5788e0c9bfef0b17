import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { untilRead } from "./until-read.ts";

export interface SendFileOptions {
  /** The size that `content-length` promised. Data that is added later is not sent. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Maximum time for which the client does not read, in milliseconds. */
  readonly readerTimeoutMs: number;
}

/**
 * Sends an open file as the body of an answer, piece by piece as the client reads it. If the file has become
 * shorter, the connection is broken, because its client would wait for the rest.
 *
 * @throws if the file cannot be read, and if the client leaves or does not read in time
 */
export async function sendFile(
  outgoing: ServerResponse,
  file: FileHandle,
  { bytes, signal, readerTimeoutMs }: SendFileOptions,
): Promise<void> {
  let left = bytes;
  if (bytes > 0) {
    const pieces = file.createReadStream({ end: bytes - 1, autoClose: false, signal });
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      left -= piece.length;
      if (!outgoing.write(piece)) await untilRead(outgoing, signal, readerTimeoutMs);
    }
  }
  if (left === 0) outgoing.end();
  else outgoing.destroy();
}
