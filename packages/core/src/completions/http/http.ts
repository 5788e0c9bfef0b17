import type { ResponseLimits } from "../limits.ts";

/** The server of completions, and how it is called. */
export interface Endpoint {
  readonly url: string;
  /** Headers of every request, including the key; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** @defaultValue undici, with the connections of the global `fetch` and so with its proxy */
  readonly fetch?: typeof fetch | undefined;
  /** Limits of the responses. @defaultValue `defaultLimits` */
  readonly limits?: ResponseLimits | undefined;
}

/** The bytes of a body, as they arrive. */
export interface Packets {
  /**
   * @returns `undefined` at the end
   * @throws the signal's reason after an abort, at once
   */
  read(): Promise<Uint8Array | undefined>;
  /** Closes the connection, even during a read. */
  cancel(): Promise<void>;
}

/** A response whose body has not been read. */
export interface HttpResponse {
  readonly status: number;
  /** @param name - In lower case. */
  readonly header: (name: string) => string | undefined;
  readonly packets: Packets;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; bytes if it has parts that arrived as bytes. */
  readonly body: string | Buffer | null;
  readonly signal: AbortSignal;
}
