import { setTimeout as sleep } from "node:timers/promises";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { growthOf, type Growth } from "./growth.ts";
import { repeated } from "./repeated.ts";
import type { Ongoing, Scenario } from "./scenarios.ts";
import type { Stage } from "./stage.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What one scenario retained. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** How many of the unit were measured, over all rounds. */
  readonly count: number;
  readonly bytes: number;
  /** The smallest leak that is found, in bytes of each unit: where there is noise, more than is allowed. */
  readonly findsFrom: number;
  /** Whether no more is retained than is allowed. */
  readonly isFlat: boolean;
  /** What else is left that should not be. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

export interface MeasureOptions {
  /** Most bytes that may be retained of each unit. */
  readonly maxBytes: number;
  /** Bytes that a process may grow by in each round because it is still warming up. */
  readonly warmBytes: number;
  readonly rounds: number;
  /** Multiplies the scenario's own count of a round. */
  readonly factor: number;
  /** Which of the estimates decides: `bytes`, or `lowBytes` where few units leave much noise. */
  readonly decidedBy: keyof Growth;
}

/**
 * Runs a scenario in rounds of equal size, after one that fills what is bounded, and reads the heap
 * after each.
 */
export async function measure(
  scenario: Scenario,
  stage: Stage,
  { maxBytes, warmBytes, rounds, factor, decidedBy }: MeasureOptions,
): Promise<Measurement> {
  const startedAt = performance.now();
  const { name, unit } = scenario;
  const perRound = Math.ceil(scenario.perRound * factor);
  const ongoing = await scenario.start(stage);
  await ongoing.fill?.();
  await repeat(ongoing, perRound);
  const heap = [await usedBytes()];
  for (let round = 0; round < rounds; round += 1) {
    await repeat(ongoing, perRound);
    heap.push(await usedBytes());
  }
  const problems = (await ongoing.end?.()) ?? [];
  const growth = growthOf(heap, perRound);
  const limit = maxBytes + warmBytes / perRound;
  return {
    name,
    unit,
    count: perRound * rounds,
    bytes: growth.bytes,
    findsFrom: limit + growth.bytes - growth[decidedBy],
    isFlat: growth[decidedBy] <= limit,
    problems,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

async function repeat({ once, concurrency, settle }: Ongoing, count: number): Promise<void> {
  await repeated(count, once, concurrency);
  await settle?.();
}

/**
 * The bytes of objects that are in use. What is looked at through a weak reference lives until its turn
 * of the event loop ends, and what a finaliser releases is garbage only after it has run. Compiled code
 * grows as it is optimised, and is not counted.
 */
async function usedBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    collectGarbage();
    await sleep(10);
  }
  collectGarbage();
  const counted = getHeapSpaceStatistics().filter(({ space_name: name }) => !isCode(name));
  return counted.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

function isCode(space: string): boolean {
  return space.includes("code") || space.includes("trusted");
}
