import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { untilRead } from "./until-read.ts";

export interface SendFileOptions {
  /** How much of the file was promised as `content-length`. What is added to it later is left out. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Longest time for which the client does not read, in milliseconds. */
  readonly readerTimeoutMs: number;
}

/**
 * Sends an open file as the body of an answer, piece by piece as the client reads it. A file that has become
 * shorter breaks the connection off: its client would wait for the rest.
 *
 * @throws where the file cannot be read, and where the client leaves or does not read in time
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
