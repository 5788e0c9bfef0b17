import { HumanMessage } from "@langchain/core/messages";
import type { Environment } from "@orchestra/core";
import { median } from "../measure/statistics.ts";
import { benchModel, otherModel } from "../servers/canned.ts";
import { startChild } from "../servers/child.ts";
import { createChatOpenAI, createOrchestra, maxTokens } from "./clients.ts";
import { fallbackTo } from "./environments.ts";

/** How the primary fails: it accepts requests and never answers, or answers 503 at once. */
export type Death = "silent" | "503";
const deaths = { silent: "silent", "503": "down" } as const;

export const timeoutMs = 2000;
/** Calls from the second on, by which a client is judged. */
export const laterCalls = 100;

export interface DeadPrimaryRow {
  readonly name: string;
  readonly death: Death;
  /** Milliseconds, as are the others. */
  readonly firstMs: number;
  /** The median call from the second on. */
  readonly laterMs: number;
  /** The median call where the same client calls the healthy fallback alone. */
  readonly healthyMs: number;
  readonly ratio: number;
}

export interface DeadPrimaryResult {
  /** Ours, the worse of silent and 503. */
  readonly ratio: number;
  readonly rounds: number;
  readonly rows: readonly DeadPrimaryRow[];
}

/** A new client, which knows nothing of the primary. */
interface Contender {
  readonly name: string;
  /** Calls a dead primary with a healthy fallback. */
  readonly withDead: (deadUrl: string, healthyUrl: string) => () => Promise<unknown>;
  /** Calls the fallback alone, by the same route. */
  readonly healthy: (healthyUrl: string) => () => Promise<unknown>;
  /** Fewer where each call pays the timeout. */
  readonly laterCalls: Readonly<Record<Death, number>>;
}

/** What a call costs while the primary is dead and a fallback is there. */
export async function benchDeadPrimary({
  quick,
}: {
  readonly quick: boolean;
}): Promise<DeadPrimaryResult> {
  await using server = await startChild<{ url: string }>("completions.ts");
  const healthyUrl = `${server.address.url}/short`;
  const rounds = quick ? 1 : 3;
  const rows: DeadPrimaryRow[] = [];
  for (const contender of quick ? [orchestra] : [orchestra, lcel]) {
    for (const death of ["silent", "503"] as const) {
      const deadUrl = `${server.address.url}/${deaths[death]}`;
      const times: Times[] = [];
      for (let round = 0; round < (contender === lcel ? 1 : rounds); round += 1) {
        times.push(await measure(contender, death, deadUrl, healthyUrl));
      }
      rows.push({
        name: contender.name,
        death,
        firstMs: median(times.map(({ firstMs }) => firstMs)),
        laterMs: median(times.map(({ laterMs }) => laterMs)),
        healthyMs: median(times.map(({ healthyMs }) => healthyMs)),
        ratio: median(times.map(({ laterMs, healthyMs }) => laterMs / healthyMs)),
      });
    }
  }
  const ours = rows.filter(({ name }) => name === orchestra.name);
  return { ratio: Math.max(...ours.map(({ ratio }) => ratio)), rounds, rows };
}

interface Times {
  readonly firstMs: number;
  readonly laterMs: number;
  readonly healthyMs: number;
}

/** Dead and healthy take turns, call by call. */
async function measure(
  contender: Contender,
  death: Death,
  deadUrl: string,
  healthyUrl: string,
): Promise<Times> {
  const healthy = contender.healthy(healthyUrl);
  for (let index = 0; index < 100; index += 1) await healthy();
  const withDead = contender.withDead(deadUrl, healthyUrl);
  const firstMs = await timed(withDead);
  const laterMs: number[] = [];
  const healthyMs: number[] = [];
  for (let index = 0; index < contender.laterCalls[death]; index += 1) {
    laterMs.push(await timed(withDead));
    healthyMs.push(await timed(healthy));
  }
  return { firstMs, laterMs: median(laterMs), healthyMs: median(healthyMs) };
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await call();
  return performance.now() - startedAt;
}

const question = () => [new HumanMessage("How long does the lamp charge?")];

const timeouts: Environment = { LLM_REQUEST_TIMEOUT: String(timeoutMs / 1000) };

const orchestra: Contender = {
  name: "orchestra",
  laterCalls: { silent: laterCalls, "503": laterCalls },
  withDead(deadUrl, healthyUrl) {
    const made = createOrchestra(deadUrl, { ...timeouts, ...fallbackTo(healthyUrl) });
    const model = made.modelFor("bench", { maxTokens });
    return () => model.invoke(question());
  },
  healthy(healthyUrl) {
    const made = createOrchestra(healthyUrl, {
      ...timeouts,
      PREFERRED_LLM_PROVIDER: "portkey",
      PORTKEY_GATEWAY_URL: healthyUrl,
    });
    const model = made.modelFor("bench", { model: benchModel, maxTokens });
    return () => model.invoke(question());
  },
};

/** Without its retries, which would cost further timeouts. */
const lcel: Contender = {
  name: "LCEL withFallbacks",
  laterCalls: { silent: 2, "503": laterCalls },
  withDead(deadUrl, healthyUrl) {
    const chain = createChatOpenAI(deadUrl, { timeout: timeoutMs }).withFallbacks([
      createChatOpenAI(healthyUrl, { model: otherModel }),
    ]);
    return () => chain.invoke(question());
  },
  healthy(healthyUrl) {
    const chat = createChatOpenAI(healthyUrl, { model: otherModel });
    return () => chat.invoke(question());
  },
};
