import { createRandom, type Random } from "../random.ts";

/** Creates the ids of generations and tool calls: the same ones for the same seed, in the same order. */
export interface Ids {
  generation(): string;
  toolCall(): string;
  /** Starts again. */
  reset(): void;
}

/** Ids that count up and end with a part of the seed, so that two sandboxes do not have the same ids. */
export function createIds(seed: number): Ids {
  let count = 0;
  let random = createRandom(seed);
  const next = (prefix: string) => {
    count += 1;
    return `${prefix}${String(count).padStart(6, "0")}-${tail(random)}`;
  };
  return {
    generation: () => next("gen-"),
    toolCall: () => next("call_"),
    reset() {
      count = 0;
      random = createRandom(seed);
    },
  };
}

function tail(random: Random): string {
  return Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
}
