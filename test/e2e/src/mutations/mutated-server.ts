import { setImmediate as turn } from "node:timers/promises";
import type { Socket } from "node:net";
import { serveRaw, type RawRequest, type RawServer } from "../hostile/raw-server.ts";

/** Bytes to send, and how. */
export interface Delivery {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** Where packets end. */
  readonly cuts: readonly number[];
  readonly isBroken: boolean;
}

/** Answers that follow a mutated one, by what is asked for. */
const good = {
  id: "gen-good",
  object: "chat.completion",
  model: "server/model",
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cost: 0.0001 },
};

function goodAnswer(): Buffer {
  const message = { role: "assistant", content: '{"answer":"Good.","confidence":1}' };
  return Buffer.from(
    JSON.stringify({ ...good, choices: [{ index: 0, message, finish_reason: "stop" }] }),
  );
}

/** A server that gives each path its own first answer, and good ones after it; without a catalog or generations. */
export class MutatedServer implements AsyncDisposable {
  readonly #deliveries = new Map<string, Delivery>();
  readonly #server: RawServer;
  #paths = 0;

  static async start(): Promise<MutatedServer> {
    let server: MutatedServer | undefined;
    const raw = await serveRaw((socket, request) => server?.respond(socket, request));
    server = new MutatedServer(raw);
    return server;
  }

  private constructor(server: RawServer) {
    this.#server = server;
  }

  /** @returns the base URL whose first answer is this one */
  add(delivery: Delivery): string {
    const path = `/case-${(this.#paths += 1)}`;
    this.#deliveries.set(path, delivery);
    return `http://127.0.0.1:${this.#server.port}${path}`;
  }

  async respond(socket: Socket, { method, path }: RawRequest): Promise<void> {
    if (method !== "POST") {
      socket.write("HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 2\r\n\r\n{}");
      return;
    }
    const [, name = ""] = path.split("/");
    const delivery = this.#deliveries.get(`/${name}`);
    this.#deliveries.delete(`/${name}`);
    if (!delivery) {
      const body = goodAnswer();
      const head = `content-type: application/json\r\ncontent-length: ${body.length}`;
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
      socket.write(body);
      return;
    }
    const { contentType, bytes, cuts, isBroken } = delivery;
    socket.setNoDelay(true);
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    let from = 0;
    for (const end of [...cuts, bytes.length]) {
      if (end <= from) continue;
      const part = bytes.subarray(from, end);
      from = end;
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      socket.write("\r\n");
      await turn();
    }
    if (isBroken) socket.end();
    else socket.write("0\r\n\r\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
