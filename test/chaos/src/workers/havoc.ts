import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Outage } from "./booked-calls.ts";
import type { Stage } from "./stage.ts";

export interface HavocOptions {
  readonly random: Random;
  /** Mean time between two kills, in milliseconds. */
  readonly killEveryMs: number;
  /** Ends the kills. */
  readonly signal: AbortSignal;
}

/**
 * Minimum number of answers between two kills. Without it, the runs would make no progress on a slow machine.
 */
const answersPerKill = 12;
/** Share of the kills that can also hit workers that are starting. */
const ruthlessShare = 0.1;
/** Interval at which a worker that can be killed is looked for. */
const lookMs = 50;

/** Kills workers, one after the other, until the signal aborts. */
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

/** Stops the database, and starts it again after up to a second. */
export async function restartDatabase({ postgres }: Stage, random: Random): Promise<Outage> {
  const from = Date.now();
  await postgres.stop();
  await sleep(1000 * random());
  await postgres.start();
  return { from, to: Date.now() };
}
