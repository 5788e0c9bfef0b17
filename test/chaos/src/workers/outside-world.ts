import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Announcement } from "./pipeline.ts";

/** What the world has taken in: the first announcement of each idempotency key. */
export interface Effect extends Announcement {
  readonly key: string;
}

/** A service that runs change something at. It honours idempotency keys, as payment services do. */
export interface OutsideWorld extends AsyncDisposable {
  readonly url: string;
  readonly effects: readonly Effect[];
  /** Requests, those that repeat a key among them. */
  readonly requests: number;
}

export interface OutsideWorldOptions {
  /**
   * How long the world takes before and after the deed, in milliseconds: room for a kill on either side
   * of it. @defaultValue `30`
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
    // The connection of a process that is killed in the middle of a request is closed.
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
