import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { HumanMessage } from "@langchain/core/messages";
import { benchModel, cannedAnswers } from "../servers/canned.ts";
import { createOrchestra, maxTokens } from "./clients.ts";
import { fallbackTo } from "./environments.ts";

/** Interval at which calls begin, independent of the end of others. */
export const betweenCallsMs = 100;

export interface RecoveryResult {
  readonly outageMs: number;
  readonly cooldownMs: number;
  /** Calls that began during the outages and up to each return. */
  readonly calls: number;
  /** Of these, calls that ended without an answer. */
  readonly failed: number;
  /** The longest call, in milliseconds. */
  readonly slowestMs: number;
  /** Requests that the primary received during the outages. */
  readonly requestsToDeadPrimary: number;
  /** From the end of each outage to the first answer of the primary, in milliseconds. */
  readonly backAfterMs: readonly number[];
}

/** A primary that fails and recovers, in real time, with a healthy fallback. */
export async function benchRecovery({
  quick,
}: {
  readonly quick: boolean;
}): Promise<RecoveryResult> {
  const outageMs = quick ? 4000 : 60_000;
  const cooldownMs = quick ? 2000 : 30_000;
  await using primary = await startServer();
  await using fallback = await startServer();
  const orchestra = createOrchestra(primary.url, {
    LLM_CIRCUIT_COOLDOWN: String(cooldownMs / 1000),
    ...fallbackTo(fallback.url),
  });
  const model = orchestra.modelFor("bench", { model: benchModel, maxTokens });
  const calls: Promise<number | undefined>[] = [];
  const begin = async (): Promise<number | undefined> => {
    const startedAt = performance.now();
    try {
      await model.invoke([new HumanMessage("How long does the lamp charge?")]);
      return performance.now() - startedAt;
    } catch {
      return undefined;
    }
  };
  const callUntil = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      calls.push(begin());
      await wait(betweenCallsMs);
    }
  };

  const backAfterMs: number[] = [];
  let requestsToDeadPrimary = 0;
  for (let outage = 0; outage < 2; outage += 1) {
    primary.isDown = true;
    const before = primary.requests;
    const endsAt = performance.now() + outageMs;
    await callUntil(() => performance.now() >= endsAt);
    requestsToDeadPrimary += primary.requests - before;
    primary.isDown = false;
    const upAt = performance.now();
    const { answers } = primary;
    const giveUpAt = upAt + 2 * cooldownMs;
    await callUntil(() => primary.answers > answers || performance.now() >= giveUpAt);
    backAfterMs.push(primary.answeredAt - upAt);
  }
  const durations = await Promise.all(calls);
  const served = durations.filter((each) => each !== undefined);
  return {
    outageMs,
    cooldownMs,
    calls: durations.length,
    failed: durations.length - served.length,
    slowestMs: Math.max(...served),
    requestsToDeadPrimary,
    backAfterMs,
  };
}

/** Answers each request, or with 503 while it is down. */
async function startServer() {
  const { short, models } = cannedAnswers();
  const state = { url: "", isDown: false, requests: 0, answers: 0, answeredAt: Infinity };
  const answer = (response: ServerResponse, isStream: boolean): void => {
    state.requests += 1;
    if (state.isDown) {
      response.writeHead(503, { "content-type": "application/json" });
      response.end('{"error":{"code":503,"message":"The model is down"}}');
      return;
    }
    state.answers += 1;
    state.answeredAt = performance.now();
    response.writeHead(200, {
      "content-type": isStream ? "text/event-stream" : "application/json",
    });
    response.end(isStream ? short.stream : short.whole);
  };
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      response.end(models);
      return;
    }
    let body = "";
    request.on("data", (packet: Buffer) => {
      body += packet.toString();
    });
    request.on("end", () => answer(response, body.includes('"stream":true')));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return Object.assign(state, {
    async [Symbol.asyncDispose](): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  });
}
