import { connect, type Socket } from "node:net";
import { once } from "node:events";

/** The smallest request. */
export const hello = { messages: [{ role: "user", content: "Hello" }] } as const;

/** The text in the archive of the sandbox's prompt. */
export const question = {
  messages: [
    {
      role: "user",
      content:
        "# Task\nWhen was it built?\n\n# Archive\nThe lighthouse was built in 1871. Its lamp is electric.",
    },
  ],
} as const;

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Requests a completion from a server. */
export function post(url: string, body: object, options: PostOptions = {}): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...options.headers },
    body: JSON.stringify(body),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The error in a body. */
export async function errorOf(response: Response): Promise<ErrorBody> {
  const { error } = (await response.json()) as { readonly error: ErrorBody };
  return error;
}

/** The data of each event of a stream. */
export async function dataOf(response: Response): Promise<string[]> {
  const text = await response.text();
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data);
}

/** A connection to a server, for data that no client sends. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  /** All data until the server has closed the connection. */
  readonly ended: Promise<string>;
  /** Resolves when the received data contains this text. */
  received(text: string): Promise<string>;
}

export function connectTo(origin: string): RawConnection {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("utf8").on("data", (data: string) => (text += data));
  // A reset is an end too.
  socket.on("error", () => undefined);
  const ended = once(socket, "close").then(() => text);
  return {
    socket,
    ended,
    received: async (part) => {
      while (!text.includes(part) && !socket.closed) {
        await Promise.race([once(socket, "data"), once(socket, "close")]);
      }
      return text;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Sends bytes on a separate connection, and reads until the server closes it. */
export async function exchange(origin: string, ...lines: readonly string[]): Promise<string> {
  using connection = connectTo(origin);
  connection.socket.write(lines.join("\r\n"));
  return await connection.ended;
}
