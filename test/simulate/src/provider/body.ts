import type { ClockView } from "../virtual-clock.ts";

const encoder = new TextEncoder();

/** A response body whose chunks arrive in virtual time. */
export class TimedBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #open: Set<TimedBody>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /**
   * @param open - The bodies that are open; this one is among them until it has ended.
   * @param onCancel - Called when the client closes the body.
   */
  constructor(open: Set<TimedBody>, onCancel: () => void) {
    this.#open = open;
    open.add(this);
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        if (this.#close()) onCancel();
      },
    });
  }

  get isOpen(): boolean {
    return this.#controller !== undefined;
  }

  push(text: string): void {
    this.#controller?.enqueue(encoder.encode(text));
  }

  /** Ends the body as a server does that closes the connection normally. */
  end(): void {
    const controller = this.#controller;
    if (this.#close()) controller?.close();
  }

  /** Ends the body as a broken connection does. */
  fail(error: unknown): void {
    const controller = this.#controller;
    if (this.#close()) controller?.error(error);
  }

  #close(): boolean {
    if (!this.#controller) return false;
    this.#controller = undefined;
    this.#open.delete(this);
    return true;
  }
}

/** The part of a response that Orchestra uses. */
export function responseOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: TimedBody,
): Response {
  const response = {
    status,
    ok: status < 400,
    headers: { get: (name: string) => headers[name.toLowerCase()] ?? null },
    body: body.stream,
    json: async (): Promise<unknown> => JSON.parse(await textOf(body.stream)),
  };
  return response as unknown as Response;
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const packet of stream) text += decoder.decode(packet, { stream: true });
  return text;
}

/** The error that `fetch` throws if there is no connection. */
export function connectionError(code: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
}

/** Calls back after a time, unless the body has ended by then. */
export function whileOpen(
  clock: ClockView,
  body: TimedBody,
  delayMs: number,
  callback: () => void,
): void {
  clock.after(delayMs, () => {
    if (body.isOpen) callback();
  });
}
