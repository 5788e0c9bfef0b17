import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Announcement } from "./pipeline.ts";

/** An effect on the external system: the first announcement with an idempotency key. */
export interface Effect extends Announcement {
  readonly key: string;
}

/** An external system that runs have effects on. It supports idempotency keys, as payment services do. */
export interface OutsideWorld extends AsyncDisposable {
  readonly url: string;
  readonly effects: readonly Effect[];
  /** Number of requests, including those that repeat a key. */
  readonly requests: number;
}

export interface OutsideWorldOptions {
  /**
   * Pause before and after the effect, in milliseconds, so that kills happen before and after it.
   * @defaultValue `30`
   */
  readonly pauseMs?: number;
}

export async function startOutsideWorld({
  pauseMs = 30,
}: OutsideWorldOptions = {}): Promise<OutsideWorld> {
  const effects = new Map<string, Effect>();
  let requests = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const key = String(request.headers["idempotency-key"]);
    const announcement = JSON.parse(await text(request)) as Announcement;
    await sleep(pauseMs);
    if (!effects.has(key)) effects.set(key, { key, ...announcement });
    await sleep(pauseMs);
    response.end("{}");
  };
  const server = createServer((request, response) => {
    // Fails if the process of the client was killed during its request.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/announcements`,
    get effects() {
      return [...effects.values()];
    },
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
