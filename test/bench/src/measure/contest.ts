import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median } from "./statistics.ts";

/** One way to make a call. */
export interface Contestant {
  readonly name: string;
  /** Makes one call, to its end. */
  readonly call: () => Promise<unknown>;
}

/** Milliseconds a call, by contestant, one figure for each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

export interface LatencyOptions {
  readonly rounds: number;
  /** Calls of each contestant in a round. */
  readonly calls: number;
}

/** Calls in a row before it is another contestant's turn. */
const turnCalls = 10;

/**
 * The median time of one call after another. The contestants take turns of a few calls each, and
 * each round begins with another one, so that whatever slows the machine down slows them all.
 */
export async function contestLatency(
  contestants: readonly Contestant[],
  { rounds, calls }: LatencyOptions,
): Promise<Rounds> {
  const figures = emptyFigures(contestants);
  await warmUp(contestants, calls);
  for (let round = 0; round < rounds; round += 1) {
    const times = emptyFigures(contestants);
    collectGarbage();
    for (let made = 0; made < calls; made += turnCalls) {
      for (const { name, call } of rotated(contestants, round + made / turnCalls)) {
        for (let index = 0; index < turnCalls; index += 1) {
          const startedAt = performance.now();
          await call();
          times.get(name)?.push(performance.now() - startedAt);
        }
      }
    }
    for (const [name, values] of times) figures.get(name)?.push(median(values));
  }
  return figures;
}

export interface ThroughputOptions extends LatencyOptions {
  /** Calls in progress at one time. */
  readonly atOnce: number;
}

/** The time of a call where many are in progress: the time of all over their number. */
export async function contestThroughput(
  contestants: readonly Contestant[],
  { rounds, calls, atOnce }: ThroughputOptions,
): Promise<Rounds> {
  const figures = emptyFigures(contestants);
  for (const { call } of contestants) await callAtOnce(call, calls, atOnce);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, call } of rotated(contestants, round)) {
      // Garbage of one contestant must not be collected in the time of another.
      collectGarbage();
      const startedAt = performance.now();
      await callAtOnce(call, calls, atOnce);
      figures.get(name)?.push((performance.now() - startedAt) / calls);
    }
  }
  return figures;
}

/** Makes a number of calls with a given concurrency. */
export async function callAtOnce(
  call: (index: number) => Promise<unknown>,
  calls: number,
  atOnce: number,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < calls) {
      const index = next;
      next += 1;
      await call(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function warmUp(contestants: readonly Contestant[], calls: number): Promise<void> {
  for (let index = 0; index < Math.max(calls, 30); index += 1) {
    for (const { call } of contestants) await call();
  }
}

function emptyFigures(contestants: readonly Contestant[]): Map<string, number[]> {
  return new Map(contestants.map(({ name }) => [name, []]));
}

/** The values, beginning with another one. */
export function rotated<T>(values: readonly T[], by: number): readonly T[] {
  const first = Math.floor(by) % values.length;
  return [...values.slice(first), ...values.slice(0, first)];
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
