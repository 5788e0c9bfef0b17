import type { ServerResponse } from "node:http";
import { untilRead } from "./until-read.ts";

export interface EventStreamOptions {
  readonly signal: AbortSignal;
  /** Maximum time for which the client does not read, in milliseconds. */
  readonly readerTimeoutMs: number;
  /** Interval of comments that keep the connection, in milliseconds. */
  readonly keepAliveMs: number;
}

/** A server-sent event. */
export interface ServerEvent {
  /** Clients send this as `Last-Event-ID` to continue after the event. */
  readonly id?: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

/** Headers of an answer of server-sent events. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // For nginx, which would buffer events.
  "x-accel-buffering": "no",
} as const;

/** How long a client waits before it reconnects, in milliseconds. */
const retryMs = 1000;

/** An answer of server-sent events. Memory is limited: the next event is taken when the client has room for it. */
export class EventStream implements Disposable {
  readonly #outgoing: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(outgoing: ServerResponse, options: EventStreamOptions) {
    this.#outgoing = outgoing;
    this.#options = options;
    outgoing.writeHead(200, eventStreamHeaders);
    outgoing.write(`retry: ${retryMs}\n\n`);
    this.#timer = setInterval(() => {
      if (!outgoing.writableNeedDrain) outgoing.write(": keep-alive\n\n");
    }, options.keepAliveMs);
  }

  /**
   * Sends an event. Events after the end are ignored, such as that of a tool that its agent has abandoned.
   *
   * @throws if the client leaves, or does not read in time
   */
  async send({ id, event, data }: ServerEvent): Promise<void> {
    if (this.#outgoing.writableEnded) return;
    const head = id === undefined ? "" : `id: ${id}\n`;
    const { signal, readerTimeoutMs } = this.#options;
    // JSON has no line breaks outside of its texts, where they are escaped.
    if (this.#outgoing.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return;
    await untilRead(this.#outgoing, signal, readerTimeoutMs);
  }

  /** Ends the answer; events that were sent can still be read. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#outgoing.end();
  }
}
