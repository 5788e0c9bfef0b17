import { getHeapSpaceStatistics, queryObjects, setFlagsFromString } from "node:v8";
import { collectGarbage } from "../collect-garbage.ts";
import { growthOf, type Growth } from "./growth.ts";
import { repeated } from "./repeated.ts";
import type { Ongoing, Scenario } from "./scenarios.ts";
import type { Stage } from "./stage.ts";

// Otherwise V8 would discard and compile again the code of functions that are seldom called.
setFlagsFromString("--no-flush-bytecode");

/** What one scenario retained. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** Number of units in all rounds. */
  readonly count: number;
  readonly bytes: number;
  /** Objects that are retained of each unit; `undefined` if few bytes are retained, so that they were not counted. */
  readonly objects: number | undefined;
  /** The smallest leak that is found, in bytes for each unit. With noise, it is more than the limit. */
  readonly findsFrom: number;
  /** Whether the limit is not exceeded. */
  readonly isFlat: boolean;
  /** Other resources that are left, as sentences. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

export interface MeasureOptions {
  /** Maximum bytes that may be retained of each unit. */
  readonly maxBytes: number;
  /** Bytes that a process may grow by in each round because it is still warming up. */
  readonly warmBytes: number;
  /** Number of rounds before the first measured one. */
  readonly warmRounds: number;
  readonly rounds: number;
  /** Multiplies the scenario's own count of a round. */
  readonly factor: number;
  /** Which of the estimates decides: `bytes`, or `lowBytes` where few units leave much noise. */
  readonly decidedBy: keyof Growth;
}

/** A leak retains an object of each unit at least; what else is left, such as a socket, is far less. */
const maxObjects = 0.5;
const maxCountedRounds = 3;

/**
 * Runs a scenario in rounds of equal size, after those that fill what is bounded, and reads the heap
 * after each. Where the heap has grown by more than may be, it also counts objects over a further
 * round: their number has next to no noise, but each count takes about a second.
 */
export async function measure(
  scenario: Scenario,
  stage: Stage,
  { maxBytes, warmBytes, warmRounds, rounds, factor, decidedBy }: MeasureOptions,
): Promise<Measurement> {
  const startedAt = performance.now();
  const { name, unit } = scenario;
  const perRound = Math.ceil(scenario.perRound * factor);
  const ongoing = await scenario.start(stage);
  await ongoing.fill?.();
  await repeat(ongoing, perRound * warmRounds);
  const limit = maxBytes + warmBytes / perRound;
  const grow = async () => {
    const heap = [await usedBytes()];
    for (let round = 0; round < rounds; round += 1) {
      await repeat(ongoing, perRound);
      heap.push(await usedBytes());
    }
    return growthOf(heap, perRound);
  };
  let growth = await grow();
  // A leak continues. Late warm-up and the noise of a busy machine do not.
  if (growth[decidedBy] > limit) growth = await grow();
  const objects = growth.bytes > maxBytes ? await retainedObjects(ongoing, perRound) : undefined;
  const problems = (await ongoing.end?.()) ?? [];
  return {
    name,
    unit,
    count: perRound * rounds,
    bytes: growth.bytes,
    objects,
    findsFrom: limit + growth.bytes - growth[decidedBy],
    isFlat: growth[decidedBy] <= limit && (objects ?? 0) < maxObjects,
    problems,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

async function repeat({ once, concurrency, settle }: Ongoing, count: number): Promise<void> {
  await repeated(count, once, concurrency);
  await settle?.();
}

/**
 * @returns how many objects a round adds, for each unit; the least of a few rounds, since a leak adds to
 *   each of them, and connections come and go
 */
async function retainedObjects(ongoing: Ongoing, perRound: number): Promise<number> {
  let least = Infinity;
  let before = await countObjects();
  for (let round = 0; round < maxCountedRounds && least >= maxObjects; round += 1) {
    await repeat(ongoing, perRound);
    const after = await countObjects();
    least = Math.min(least, (after - before) / perRound);
    before = after;
  }
  return least;
}

async function countObjects(): Promise<number> {
  await collectGarbage();
  return queryObjects(Object, { format: "count" });
}

/**
 * The bytes of objects that are in use. Compiled code grows as it is optimised, and is not counted.
 */
async function usedBytes(): Promise<number> {
  await collectGarbage();
  const counted = getHeapSpaceStatistics().filter(({ space_name: name }) => !isCode(name));
  return counted.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

function isCode(space: string): boolean {
  return space.includes("code") || space.includes("trusted");
}
