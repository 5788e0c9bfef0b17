import { Pool } from "undici";
import { benchModel } from "../../servers/canned.ts";
import { key } from "../environments.ts";

/** One way to the models. */
export interface Way extends AsyncDisposable {
  readonly name: string;
  /** Asks for a whole answer. */
  readonly call: () => Promise<void>;
  /** Like `call`, with a given message. */
  readonly say: (content: string) => Promise<void>;
  /** Requests a stream, and calls back with each piece of bytes when it arrives. */
  readonly stream: (onBytes?: (bytes: Buffer) => void) => Promise<void>;
  readonly address: WayAddress;
}

export interface WayAddress {
  /** Base URL of the API. */
  readonly url: string;
  /** Its server's process. */
  readonly pid?: number | undefined;
  /** Of each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WayOptions {
  readonly name: string;
  readonly address: WayAddress;
  readonly connections: number;
}

/** A way that checks nothing but that each request is answered with HTTP 200. */
export function wayTo({ name, address, connections }: WayOptions): Way {
  const { origin, pathname } = new URL(address.url);
  const pool = new Pool(origin, { connections });
  const ask = async (isStream: boolean, content: string, onBytes?: (bytes: Buffer) => void) => {
    const request = () =>
      pool.request({
        path: `${pathname}/chat/completions`,
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...address.headers,
        },
        body: JSON.stringify({
          model: benchModel,
          messages: [{ role: "user", content }],
          ...(isStream && { stream: true }),
        }),
      });
    const { statusCode, body } = await request().catch((error: Error & { code?: string }) => {
      // Servers close connections that wait, also at the moment when a request goes over one.
      if (error.code !== "UND_ERR_SOCKET") throw error;
      return request();
    });
    if (statusCode !== 200) throw new Error(`${name}: ${await body.text()}`);
    if (!onBytes) return void (await body.text());
    for await (const bytes of body) onBytes(bytes as Buffer);
  };
  return {
    name,
    address,
    call: () => ask(false, "Hello"),
    say: (content) => ask(false, content),
    stream: (onBytes) => ask(true, "Hello", onBytes),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
