import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

/** A request, as far as a server that misbehaves needs it. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the client asks for a stream of events. */
  readonly isStream: boolean;
}

/** Answers one request, in any bytes. What it throws closes the connection. */
export type Respond = (socket: Socket, request: RawRequest) => unknown;

export interface RawServer extends AsyncDisposable {
  readonly port: number;
}

/** A server on loopback whose answers are bytes on a socket, so that they can break HTTP itself. */
export async function serveRaw(respond: Respond): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // The client closes connections whenever it has had enough.
    socket.on("error", () => undefined);
    let received: Buffer = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      const taken = takeRequest(received);
      if (!taken) return;
      received = taken.rest;
      void answer(socket, taken.request, respond);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(socket: Socket, request: RawRequest, respond: Respond): Promise<void> {
  try {
    await respond(socket, request);
  } catch {
    socket.destroy();
  }
}

function takeRequest(received: Buffer): { request: RawRequest; rest: Buffer } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [start = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get("content-length") ?? 0);
  const from = end + 4;
  if (received.length < from + length) return undefined;
  const body = received.subarray(from, from + length).toString();
  const [method = "", path = ""] = start.split(" ");
  const isStream = body.includes('"stream":true');
  return {
    request: { method, path, headers, body, isStream },
    rest: received.subarray(from + length),
  };
}

/** Writes pieces until the client closes the connection, no faster than it reads. */
export async function flood(
  socket: Socket,
  pieces: () => Iterable<string | Buffer>,
): Promise<void> {
  while (!socket.destroyed) {
    for (const piece of pieces()) {
      if (socket.destroyed) return;
      if (socket.write(piece)) continue;
      await drained(socket);
    }
    // A flood of small pieces must not keep the server's own event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when more can be written, or the connection is closed. */
function drained(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    socket.off("drain", done).off("close", done);
    resolve();
  };
  socket.on("drain", done).on("close", done);
  return promise;
}
