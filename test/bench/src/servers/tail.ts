import type { ServerResponse } from "node:http";

/** How long most answers take, in milliseconds. */
export const usualMs = 40;
/** How long the slow ones take: ten times as long. */
export const slowMs = 10 * usualMs;
/** Share of the slow ones. */
export const slowShare = 0.05;

export interface TailBooks {
  readonly requests: number;
  readonly slow: number;
  /** The client hung up before the answer. */
  readonly aborted: number;
}

/** A server with a tail of slow answers, the same ones for the same seed. */
export class Tail {
  readonly #random: () => number;
  #requests = 0;
  #slow = 0;
  #aborted = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  get books(): TailBooks {
    return { requests: this.#requests, slow: this.#slow, aborted: this.#aborted };
  }

  delay(response: ServerResponse, answer: () => void): void {
    const isSlow = this.#random() < slowShare;
    this.#requests += 1;
    if (isSlow) this.#slow += 1;
    const timer = setTimeout(answer, isSlow ? slowMs : usualMs);
    response.on("close", () => {
      clearTimeout(timer);
      if (!response.writableFinished) this.#aborted += 1;
    });
  }
}

/** Mulberry32: chance that is the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
