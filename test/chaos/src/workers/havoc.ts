import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Outage } from "./booked-calls.ts";
import type { Stage } from "./stage.ts";

export interface HavocOptions {
  readonly random: Random;
  /** From one kill to the next, on average, in milliseconds. */
  readonly killEveryMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * So many answers lie between two kills, however long they take: a slow machine would never get
 * anything done otherwise.
 */
const answersPerKill = 12;
/** This share of the kills also hits workers that have only started. */
const ruthlessShare = 0.1;
/** Until the next look for a worker that can be killed. */
const lookMs = 50;

/** Kills workers, one after the other, until it is told to end. */
export async function killWorkers(
  stage: Stage,
  { random, killEveryMs, signal }: HavocOptions,
): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    const enough = stage.answers + answersPerKill;
    await pause(killEveryMs * (0.5 + random()));
    const isRuthless = random() < ruthlessShare;
    const draw = random();
    while (!signal.aborted && (stage.answers < enough || !stage.fleet.kill(draw, isRuthless))) {
      await pause(lookMs);
    }
  }
}

/** Takes the database away for a moment. */
export async function restartDatabase({ postgres }: Stage, random: Random): Promise<Outage> {
  const from = Date.now();
  await postgres.stop();
  await sleep(1000 * random());
  await postgres.start();
  return { from, to: Date.now() };
}
