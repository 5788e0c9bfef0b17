import type { Clock } from "@orchestra/core/extend";

/** Far more than the progress and log messages of a busy server. */
const perSecond = 1_000;
const burst = 5_000;

/** Detects a server that sends messages without end, each of which costs this process time: a token bucket. */
export class MessageRate {
  readonly #clock: Clock;
  #tokens = burst;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.now();
  }

  /** Counts a message. @returns the problem, if there are too many */
  count(): string | undefined {
    const now = this.#clock.now();
    const refill = ((now - this.#countedAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, refill)) - 1;
    this.#countedAt = now;
    return this.#tokens >= 0
      ? undefined
      : `it floods its client: ${burst} messages at once, and more than ${perSecond} in each second`;
  }
}
