import type { ServerResponse } from "node:http";
import { lastEvents, pieceEvent } from "./canned.ts";

/** A piece of a paced answer, when a client has it. */
export interface PacedPiece {
  /** From 0. */
  readonly number: number;
  /** From the writing of the model's server to the reading of the client, in milliseconds. */
  readonly delayMs: number;
  /** When the client read it, in milliseconds, by `process.hrtime()`. */
  readonly readAtMs: number;
}

/** The first part of a path: the number of pieces and the milliseconds between them. The first is sent at once. */
export function pacedPath(pieces: number, everyMs: number): string {
  return `paced-${pieces}-${everyMs}`;
}

/** Streams an answer piece by piece. Each piece has its number and the time when it was written. */
export function sendPaced(response: ServerResponse, path: string): void {
  const [pieces = 0, everyMs = 0] = path.split("-").slice(1).map(Number);
  response.writeHead(200, { "content-type": "text/event-stream" });
  let number = 0;
  const sendNext = () => {
    if (number < pieces) {
      response.write(pieceEvent(`${number}:${nowMs()};`));
      number += 1;
    } else {
      clearInterval(timer);
      response.end(lastEvents(pieces).join(""));
    }
  };
  const timer = setInterval(sendNext, everyMs);
  response.on("close", () => clearInterval(timer));
  sendNext();
}

/** The time in milliseconds, by the clock that all processes of a machine have in common. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Reads the pieces of a paced answer. */
export class PacedReader {
  readonly pieces: PacedPiece[] = [];
  #rest = "";

  readonly read = (bytes: Buffer): void => {
    const readAtMs = nowMs();
    const events = (this.#rest + bytes.toString()).split("\n\n");
    this.#rest = events.pop() ?? "";
    for (const event of events) {
      const [, number, sentAt] = /"content":"(\d+):([\d.]+);"/.exec(event) ?? [];
      if (number === undefined || sentAt === undefined) continue;
      this.pieces.push({ number: Number(number), readAtMs, delayMs: readAtMs - Number(sentAt) });
    }
  };

  /** Number of pieces that did not arrive as separate events, in their order. */
  missing(pieces: number): number {
    return pieces - this.pieces.filter(({ number }, index) => number === index).length;
  }
}
